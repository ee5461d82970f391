%% A real node for tests: runs what it is asked over stdin and stdout, in the frames of the helper's protocol.
-module(live_node).
-export([main/0]).
-export([load/2, unload/1, start/3, state/1, upgrade/5, downgrade/6, code_change/3, convert/4, stop/1, call/2, alive/1, value/1]).

main() ->
    Port = open_port({fd, 0, 1}, [binary, {packet, 4}, eof]),
    _ = logger:set_primary_config(level, none),
    send(Port, {hello, 1, list_to_binary(erlang:system_info(otp_release)), <<"test">>}),
    loop(Port).

loop(Port) ->
    receive
        {Port, {data, Data}} ->
            {Id, _Deadline, {apply, Module, Function, Arguments}} = unpack(binary_to_term(Data)),
            spawn(fun() -> send(Port, {Id, answer(Module, Function, Arguments)}) end),
            loop(Port);
        {Port, eof} ->
            halt(0)
    end.

answer(Module, Function, Arguments) ->
    try {ok, apply(Module, Function, Arguments)}
    catch
        Class:Reason:Stack ->
            Text = io_lib:format("~tp:~tp ~tp", [Class, Reason, Stack]),
            {error, crash, unicode:characters_to_binary(Text)}
    end.

send(Port, Term) ->
    port_command(Port, term_to_binary(pack(Term), [{minor_version, 2}])).

pack(Map) when is_map(Map) ->
    {'$map', [{pack(K), pack(V)} || {K, V} <- lists:sort(maps:to_list(Map))]};
pack(Tuple) when is_tuple(Tuple) ->
    Packed = [pack(E) || E <- tuple_to_list(Tuple)],
    case Packed of
        [Tag | _] when Tag =:= '$map'; Tag =:= '$tuple' -> {'$tuple', Packed};
        _ -> list_to_tuple(Packed)
    end;
pack([Head | Tail]) -> [pack(Head) | pack(Tail)];
pack(Term) when is_atom(Term); is_number(Term); is_bitstring(Term); is_function(Term); Term =:= [] -> Term;
pack(Term) when is_pid(Term); is_port(Term); is_reference(Term) -> Term;
%% What is left is a native record, of which erlang-py knows nothing.
pack(Native) ->
    Fields = [{Field, pack(records:get(Field, Native))} || Field <- records:get_field_names(Native)],
    {'$native', records:get_module(Native), records:get_name(Native), records:is_exported(Native), Fields}.

unpack({'$map', Pairs}) -> maps:from_list([{unpack(K), unpack(V)} || {K, V} <- Pairs]);
unpack({'$tuple', Elements}) -> list_to_tuple([unpack(E) || E <- Elements]);
unpack({'$native', Module, Name, Exported, Fields}) ->
    records:create(Module, Name, [{Field, unpack(Value)} || {Field, Value} <- Fields], #{is_exported => Exported});
unpack(Tuple) when is_tuple(Tuple) -> list_to_tuple([unpack(E) || E <- tuple_to_list(Tuple)]);
unpack([Head | Tail]) -> [unpack(Head) | unpack(Tail)];
unpack(Term) -> Term.

%% Loads a beam from its bytes, as release_handler does: the old code goes, its processes stay.
load(Module, Beam) ->
    code:purge(Module),
    {module, Module} = code:load_binary(Module, "test", Beam),
    ok.

unload(Module) ->
    code:purge(Module),
    code:delete(Module),
    code:purge(Module),
    ok.

%% Starts an unregistered process of that behaviour on that argument.
start(Behaviour, Module, Argument) ->
    {ok, Pid} = Behaviour:start(Module, Argument, []),
    register_process(Pid).

register_process(Pid) ->
    Name = list_to_atom("live_" ++ integer_to_list(erlang:unique_integer([positive]))),
    register(Name, Pid),
    Name.

state(Name) -> sys:get_state(Name).

call(Name, Request) -> gen_server:call(Name, Request).

alive(Name) -> is_pid(whereis(Name)).

stop(Name) ->
    Reference = monitor(process, Name),
    exit(whereis(Name), kill),
    receive {'DOWN', Reference, _, _, _} -> ok end.

%% Up: suspend, load, code_change, resume. Gives the state afterwards, or what code_change answered against it.
upgrade(Name, Module, Beam, OldVsn, Extra) ->
    ok = sys:suspend(Name),
    load(Module, Beam),
    Answer = sys:change_code(Name, Module, OldVsn, Extra),
    ok = sys:resume(Name),
    outcome(Name, Answer).

%% Down: suspend, code_change in the newer code, load, resume.
downgrade(Name, Module, OldBeam, Vsn, Extra, _Options) ->
    ok = sys:suspend(Name),
    Answer = sys:change_code(Name, Module, {down, Vsn}, Extra),
    load(Module, OldBeam),
    ok = sys:resume(Name),
    outcome(Name, Answer).

outcome(Name, ok) -> {ok, sys:get_state(Name)};
outcome(_, Answer) -> Answer.

%% Calls the conversion function as gen_server does: a thrown value is an answer.
code_change(Module, Function, Arguments) ->
    try apply(Module, Function, Arguments)
    catch throw:Thrown -> Thrown
    end.

%% code_change/3 of a loaded module.
convert(Module, OldVsn, State, Extra) ->
    code_change(Module, code_change, [OldVsn, State, Extra]).

%% The value of an expression, given as text without its full stop.
value(Text) ->
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text) ++ "."),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Expressions, []),
    Value.
