%% Runs the `init/1` of supervisors, in a throw-away node that is started for it (with `-migrator_throw_away`) and has the code path of a release.
-module(migrator_evaluate).

-export([prepare/2, init/3, throw_away/0]).

%% Loads the applications, for the sake of their environments, and puts into these what the release's configuration says. Nothing is started.
%% Gives those that cannot be loaded.
-spec prepare([atom()], binary() | none) -> [atom()].
prepare(Applications, Configuration) ->
    throw_away(),
    Failed = [Application || Application <- Applications, not is_loaded(application:load(Application))],
    [application:set_env(Application, Key, Value)
     || Configuration =/= none, {ok, [Config]} <- [file:consult(Configuration)],
        {Application, Values} <- proper(Config), lists:member(Application, Applications),
        {Key, Value} <- proper(Values), is_atom(Key)],
    Failed.

%% With what is no configuration the release would not start: here it counts for nothing.
proper([Head | Tail]) -> [Head | proper(Tail)];
proper(_) -> [].

is_loaded(ok) -> true;
is_loaded({error, {already_loaded, _}}) -> true;
is_loaded(_) -> false.

%% What Module:init(Args) gives, as migrator_supervision tells it. The process may use that much memory.
-spec init(module(), term(), pos_integer()) -> term().
init(Module, Args, Words) ->
    throw_away(),
    process_flag(max_heap_size, #{size => Words, kill => true, error_logger => false}),
    Value = try Module:init(Args) catch Class:Reason -> throw({evaluate, io_lib:format("~w: ~0tP", [Class, Reason, 12])}) end,
    {children, 0, migrator_supervision:described(plain(Value), 0)}.

%% What means something to this node only is none that another version could be compared with.
plain(Value) when is_pid(Value); is_port(Value); is_reference(Value); is_function(Value) ->
    migrator_interpret:unknown(0, "a process, a reference or a fun", value);
plain(Tuple) when is_tuple(Tuple) -> list_to_tuple(plain(tuple_to_list(Tuple)));
plain([Head | Tail]) -> [plain(Head) | plain(Tail)];
plain(Map) when is_map(Map) -> maps:map(fun(_, Value) -> plain(Value) end, Map);
plain(Value) -> Value.

%% Whether the code of others may run here; else the request is refused.
-spec throw_away() -> true.
throw_away() ->
    init:get_argument(migrator_throw_away) =/= error orelse throw({request, "this node is not one to run the code of others in"}).
