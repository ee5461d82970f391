%% The node's one loop: frames in, a process for each request, frames out. The page README.md beside this file is the protocol.
-module(migrator_helper).

-export([main/0]).

-define(PROTOCOL, 1).
%% A nesting that the reader of a reply can follow, without a stack that grows with it.
-define(DEEPEST, 150).
%% What reading a beam takes: OTP's, then ours in the order of use.
-define(READING, [
    epp, erl_expand_records, erl_pp, io_lib_format, io_lib_pretty, re, migrator_read, migrator_bounds, migrator_beam,
    migrator_forms, migrator_records, migrator_expr, migrator_text, migrator_clauses, migrator_constructions, migrator_flow,
    migrator_init, migrator_locals, migrator_natives, migrator_otp, migrator_yields, migrator_json, migrator_locked
]).

-record(state, {port :: port(), waiting = queue:new() :: queue:queue(request()), running = #{} :: #{pid() => running()}}).

-type request() :: {Id :: term(), Deadline :: non_neg_integer(), Request :: term()}.
-type running() :: {Id :: term(), Timer :: reference()} | told.

%% erl -noinput -boot no_dot_erlang -pa DIR -s migrator_helper main
%% In a process of its own, so that the node's start ends, and signals to the node are heard.
-spec main() -> pid().
main() ->
    spawn(fun() ->
              try run() catch Class:Reason:Stack ->
                  io:put_chars(standard_error, ["migrator_helper: ", crash(Class, Reason, Stack), "\n"]),
                  halt(1, [{flush, false}])
              end
          end).

run() ->
    process_flag(trap_exit, true),
    stay_out_of_the_folder(),
    keep_off_the_wire(),
    Port = open_port({fd, 0, answers_to()}, [binary, {packet, 4}, eof]),
    send(Port, frame({hello, ?PROTOCOL, text(erlang:system_info(otp_release)), compiler_version()})),
    load_ahead(init:get_argument(migrator_throw_away)),
    loop(#state{port = Port}).

%% Reading beams comes next, and who started us is not ready to ask yet: loading code takes longer than reading a beam.
load_ahead(error) ->
    spawn(fun() -> code:ensure_modules_loaded(?READING) end);
load_ahead({ok, _}) ->
    none.

loop(#state{port = Port, running = Running} = State) ->
    receive
        {Port, {data, Frame}} ->
            loop(start(State#state{waiting = queue:in(request(Frame), State#state.waiting)}));
        {Port, eof} ->
            halt(0, [{flush, false}]);
        {'EXIT', Port, _} ->
            %% Nobody reads what we say.
            halt(0, [{flush, false}]);
        {reply, Pid, Reply} ->
            loop(reply(Pid, Reply, State));
        {timeout, _, {deadline, Pid}} when is_map_key(Pid, Running) ->
            exit(Pid, kill),
            loop(reply(Pid, {error, deadline, <<"this took longer than its deadline">>}, State));
        {'DOWN', _, process, Pid, Reason} ->
            Told = reply(Pid, died(Reason), State),
            loop(start(Told#state{running = maps:remove(Pid, Told#state.running)}));
        _ ->
            loop(State)
    end.

%% Nobody but the node kills a process that was not told yet: where it asks for more memory than `+hmax` allows.
died(killed) -> {error, too_large, <<"it would take more memory than one file may">>};
died(Reason) -> {error, crash, text(io_lib:format("the request's process died: ~tP", [Reason, 12]))}.

%% Starts what waits, while there are schedulers for it.
start(#state{waiting = Waiting, running = Running} = State) ->
    case queue:out(Waiting) of
        {{value, {Id, Deadline, Request}}, Rest} ->
            case map_size(Running) < erlang:system_info(schedulers_online) of
                true ->
                    {Pid, _} = spawn_monitor(worker(self(), Id, Request)),
                    Timer = erlang:start_timer(Deadline, self(), {deadline, Pid}),
                    start(State#state{waiting = Rest, running = Running#{Pid => {Id, Timer}}});
                false ->
                    State
            end;
        {empty, _} ->
            State
    end.

%% One reply to each request: what comes after the first is of a process that was killed, or is ending.
reply(Pid, Reply, #state{port = Port, running = Running} = State) ->
    case Running of
        #{Pid := {Id, Timer}} ->
            _ = erlang:cancel_timer(Timer),
            send(Port, if is_binary(Reply) -> Reply; true -> frame({Id, Reply}) end),
            State#state{running = Running#{Pid := told}};
        _ ->
            State
    end.

send(Port, Frame) ->
    try port_command(Port, Frame) of
        true -> ok
    catch
        error:badarg -> halt(0, [{flush, false}])
    end.

request(Frame) ->
    try unescape(binary_to_term(Frame)) of
        {_, Deadline, _} = Request when is_integer(Deadline), Deadline >= 0, Deadline =< 16#ffffffff -> Request;
        _ -> not_understood()
    catch
        error:_ -> not_understood()
    end.

-spec not_understood() -> no_return().
not_understood() ->
    io:put_chars(standard_error, "migrator_helper: this frame is no request\n"),
    halt(1, [{flush, false}]).

%% --- one request ---

%% The frame is made here, not in the loop, which only passes bytes on.
worker(Loop, Id, Request) ->
    fun() ->
        group_leader(whereis(standard_error), self()),
        Loop ! {reply, self(), answer(Id, Request)}
    end.

answer(Id, Request) ->
    try
        frame({Id, {ok, serve(Request)}})
    catch
        throw:{Kind, Text} when is_atom(Kind) -> frame({Id, {error, Kind, text(Text)}});
        Class:Reason:Stack -> frame({Id, unsound(Request, {error, crash, crash(Class, Reason, Stack)})})
    end.

%% What is no module is the beam's fault and not ours. It is looked for only now: it would take longer than the work.
unsound(Request, Crash) ->
    try [migrator_sound:check(Beam) || is_tuple(Request), Beam <- tuple_to_list(Request), is_binary(Beam)] of
        _ -> Crash
    catch
        throw:{Kind, Text} when is_atom(Kind) -> {error, Kind, text(Text)};
        _:_ -> Crash
    end.

serve({echo, Term}) -> Term;
serve({read, Beam, Records, Callbacks, Wants}) when is_binary(Beam) -> migrator_read:read(Beam, Records, Callbacks, Wants);
serve({scan, Beam}) when is_binary(Beam) -> migrator_read:scan(Beam);
serve({splice, Beam, Edits}) when is_binary(Beam), is_list(Edits) -> migrator_splice:splice(Beam, Edits);
serve({prove, Before, After}) when is_binary(Before), is_binary(After) -> migrator_prove:prove(Before, After);
serve({expressions, Beam, Wanted}) when is_binary(Beam), is_list(Wanted) -> migrator_expressions:expressions(Beam, Wanted);
serve({compare_code, Beam}) when is_binary(Beam) -> migrator_prove:compare_code(Beam);
serve({sound, Beam}) when is_binary(Beam) -> migrator_sound:check(Beam);
serve({digest, Beam}) when is_binary(Beam) -> migrator_splice:digest(Beam);
serve({upgrade, Beam}) when is_binary(Beam) -> migrator_upgrade:facts(Beam);
serve({supervised, Beams, Calls}) when is_list(Beams), is_list(Calls) -> migrator_supervision:calls(Beams, Calls);
serve({prepare, Applications, Configuration}) when is_list(Applications) -> migrator_evaluate:prepare(Applications, Configuration);
serve({evaluate, Module, Args, Words}) when is_atom(Module), is_integer(Words) -> migrator_evaluate:init(Module, Args, Words);
serve({trial_compile, Path, Folder, Options}) when is_binary(Path) -> migrator_trial:compile(Path, Folder, Options);
serve({trial_load, Module, Beam, Folders}) when is_atom(Module), is_binary(Beam) -> migrator_trial:load(Module, Beam, Folders);
serve({trial_value, Text}) when is_binary(Text) -> migrator_trial:value(Text);
serve({trial_convert, Module, Function, Args}) when is_atom(Module), is_list(Args) -> migrator_trial:convert(Module, Function, Args);
serve({verify_load, Beam, Callback, Own, Folders}) when is_binary(Beam) -> migrator_verify:load(Beam, Callback, Own, Folders);
serve({verify_run, Module, Subject, Seed, From, To}) when is_atom(Module), is_map(Subject), is_integer(Seed), is_integer(From), is_integer(To) ->
    migrator_verify:run(Module, Subject, Seed, From, To);
serve({verify_given, Module, Subject, States}) when is_atom(Module), is_map(Subject), is_list(States) -> migrator_verify:given(Module, Subject, States);
serve({specs, Beam}) when is_binary(Beam) -> migrator_supervision:specs(Beam);
serve({starts, Beam}) when is_binary(Beam) -> migrator_supervision:starts(Beam);
serve({beams, Modules}) when is_list(Modules) -> migrator_declared:beams(Modules);
serve({declared, Beam}) when is_binary(Beam) -> migrator_declared:types(Beam);
serve({otp_modules, Modules}) when is_list(Modules) -> migrator_otp:known(Modules);
serve({appups, Folder, Applications}) when is_binary(Folder) -> migrator_appups:validate(Folder, Applications);
serve({fits, Pattern, Vsn}) when is_binary(Pattern), is_binary(Vsn) -> migrator_appups:fits(Pattern, Vsn);
serve({relup, New, Olds, Path}) when is_binary(New) -> migrator_relup:relup(New, Olds, Path, both);
serve({tar, Rel, Path, Folder}) when is_binary(Rel) -> migrator_relup:tar(Rel, Path, Folder);
serve({script, File, Path, Values}) when is_binary(File) -> migrator_script:evaluate(File, Path, Values);
serve(Other) -> throw({request, io_lib:format("there is no such request: ~tP", [Other, 6])}).

%% Cut short: an argument in a stack may be a whole beam.
crash(Class, Reason, Stack) ->
    Format = fun(Term, _) -> io_lib:format("~tP", [Term, 12]) end,
    text(erl_error:format_exception(Class, Reason, Stack, #{format_fun => Format})).

%% --- the wire's terms ---

frame(Term) ->
    term_to_binary(escape(Term, ?DEEPEST), [{minor_version, 2}]).

escape(Map, Left) when is_map(Map) ->
    {'$map', [{escape(Key, deeper(Left)), escape(Value, deeper(Left))} || {Key, Value} <- lists:sort(maps:to_list(Map))]};
escape(Tuple, Left) when is_tuple(Tuple), tuple_size(Tuple) > 0, element(1, Tuple) =:= '$map' ->
    {'$tuple', escape(tuple_to_list(Tuple), Left)};
escape(Tuple, Left) when is_tuple(Tuple), tuple_size(Tuple) > 0, element(1, Tuple) =:= '$tuple' ->
    {'$tuple', escape(tuple_to_list(Tuple), Left)};
escape(Tuple, Left) when is_tuple(Tuple) ->
    list_to_tuple(escape(tuple_to_list(Tuple), Left));
escape([_ | _] = List, Left) ->
    elements(List, deeper(Left));
escape(Term, _) ->
    Term.

elements([First | Rest], Left) ->
    [escape(First, Left) | elements(Rest, Left)];
elements([], _) ->
    [];
elements(Tail, Left) ->
    escape(Tail, Left).

deeper(0) -> throw({deep, io_lib:format("it is nested deeper than ~w terms", [?DEEPEST])});
deeper(Left) -> Left - 1.

unescape({'$map', Pairs}) ->
    maps:from_list([{unescape(Key), unescape(Value)} || {Key, Value} <- Pairs]);
unescape({'$tuple', Elements}) ->
    list_to_tuple(unescape(Elements));
unescape(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(unescape(tuple_to_list(Tuple)));
unescape([First | Rest]) ->
    [unescape(First) | unescape(Rest)];
unescape(Term) ->
    Term.

text(Text) ->
    case unicode:characters_to_binary(Text) of
        Binary when is_binary(Binary) -> Binary;
        _ -> text(io_lib:format("~tp", [Text]))
    end.

%% --- the node ---

%% Modules are looked for in the current folder first. It was one of the migrator's until now, and whose it is from here on
%% no code comes from it.
stay_out_of_the_folder() ->
    case init:get_argument(migrator_folder) of
        {ok, [[Folder]]} ->
            _ = code:del_path("."),
            _ = file:set_cwd(Folder);
        _ ->
            ok
    end.

%% Where code of others runs, stdout is not where the answers go: erlang:display/1 writes there past all devices.
answers_to() ->
    case init:get_argument(migrator_answers) of
        {ok, [[Descriptor]]} -> list_to_integer(Descriptor);
        _ -> 1
    end.

%% stdout is the wire. What logs, and what prints to `user` whoever it is, goes to standard error.
keep_off_the_wire() ->
    _ = logger:remove_handler(default),
    _ = logger:add_handler(default, logger_std_h, #{config => #{type => standard_error}}),
    StandardError = whereis(standard_error),
    Forwarder = spawn(fun() -> forward(StandardError) end),
    %% Others may be about to do the same.
    try unregister(user) catch error:badarg -> true end,
    try register(user, Forwarder) catch error:badarg -> true end,
    group_leader(StandardError, self()).

%% The answer to an io request goes straight to who asked.
forward(Device) ->
    receive
        {io_request, _, _, _} = Request -> Device ! Request;
        _ -> ok
    end,
    forward(Device).

compiler_version() ->
    _ = application:load(compiler),
    case application:get_key(compiler, vsn) of
        {ok, Version} ->
            text(Version);
        undefined ->
            io:put_chars(standard_error, "migrator_helper: this Erlang has no compiler application\n"),
            halt(1, [{flush, false}])
    end.
