%% Runs the survey's modules in a real node: a process of the old module, upgraded and downgraded as a release does it.
-module(survey_node).
-export([in_parallel/2, load/2, stubbed/2, stubbed/3, run_all/1]).
%% A run of some milliseconds that takes so long, on a busy machine too, will not end.
-define(LONGEST, 30000).

-export([undefined_function/3, undefined_lambda/3]).
-compile({nowarn_deprecated_function, [{gen_fsm, enter_loop, 4}]}).

%% What Function gives for each, in the order of the list, on all schedulers.
in_parallel(Function, List) ->
    Self = self(),
    Number = erlang:system_info(schedulers_online),
    Parts = [[Each || {I, Each} <- lists:zip(lists:seq(1, length(List)), List), I rem Number =:= Part] || Part <- lists:seq(0, Number - 1)],
    Workers = [
        {Part, spawn_monitor(fun() -> Self ! {self(), [Function(Each) || Each <- Of]} end)}
     || {Part, Of} <- lists:zip(lists:seq(0, Number - 1), Parts)
    ],
    Results = maps:from_list([{Part, result(Worker)} || {Part, Worker} <- Workers]),
    merged(1, length(List), Number, Results).

result({Pid, Reference}) ->
    receive
        {Pid, Result} -> erlang:demonitor(Reference, [flush]), Result;
        {'DOWN', Reference, process, Pid, Why} -> error(Why)
    end.

merged(I, Last, _, _) when I > Last -> [];
merged(I, Last, Number, Results) ->
    [First | Rest] = maps:get(I rem Number, Results),
    [First | merged(I + 1, Last, Number, Results#{I rem Number := Rest})].

load(Module, Beam) ->
    code:purge(Module),
    {module, Module} = code:load_binary(Module, "survey", Beam),
    ok.

stubbed(Module, Function) -> stubbed(Module, Function, []).

%% The result of a call for which a function that does not exist gives a mark of its own.
stubbed(Module, Function, Arguments) ->
    Before = process_flag(error_handler, ?MODULE),
    try {ok, apply(Module, Function, Arguments)}
    catch Class:Why -> {raised, {Class, Why}}
    after process_flag(error_handler, Before)
    end.

%% The error handler of processes here: the survey's modules call what only their own project has.
undefined_function(Module, Function, Arguments) ->
    case code:ensure_loaded(Module) =:= {module, Module} andalso erlang:function_exported(Module, Function, length(Arguments)) of
        true -> apply(Module, Function, Arguments);
        false -> {survey_stub, Module, Function, length(Arguments)}
    end.

undefined_lambda(Module, Fun, Arguments) -> error_handler:undefined_lambda(Module, Fun, Arguments).

%% --- up and down ---

%% Each run is `{Row, OldBeam, NewBeam, OldVsn, State, Nested, Up, Down}`; gives ok, or what went wrong first.
run_all(Runs) ->
    [apart(Run) || Run <- Runs].

%% In a process of its own: what dies in a run dies alone.
apart(Run) ->
    Self = self(),
    {Pid, Reference} = spawn_monitor(fun() -> process_flag(trap_exit, true), Self ! {self(), run(Run)} end),
    receive
        {Pid, Result} -> erlang:demonitor(Reference, [flush]), Result;
        {'DOWN', Reference, process, Pid, Why} -> {failed, printed(Why)}
    after ?LONGEST ->
        erlang:demonitor(Reference, [flush]),
        exit(Pid, kill),
        {failed, <<"it hangs">>}
    end.

%% A state of another kind is converted as a whole.
run({Row, OldBeam, NewBeam, OldVsn, {Old, Names}, {New, News}}) ->
    Before = whole(Old, [{survey, Name} || Name <- Names], {survey_other, old}),
    After = whole(New, [undefined || _ <- News], #{survey => Before}),
    Pid = start(element(2, Row), element(1, Row), OldBeam, Before),
    Result = there_and_back(Pid, element(1, Row), OldBeam, NewBeam, OldVsn, Before, After),
    ended(Pid, element(1, Row)),
    Result;
run({Row, OldBeam, NewBeam, OldVsn, {Old, Samples}, Inner, {New, Up}, Down}) ->
    Nested = maps:from_list(Inner),
    Module = element(1, Row),
    {OldDefaults, NewDefaults, Given} = expected(Row, Up ++ Down),
    Before = list_to_tuple([Old | [sample(Field, How, Nested) || {Field, How} <- Samples]]),
    Pid = start(element(2, Row), Module, OldBeam, Before),
    ok = sys:suspend(Pid),
    load(Module, NewBeam),
    Result =
        case sys:change_code(Pid, Module, OldVsn, []) of
            ok ->
                ok = sys:resume(Pid),
                case wrong(state(Pid), New, Up, {Before, Samples, NewDefaults, Given, Nested}) of
                    [] -> back(Pid, Module, OldBeam, OldVsn, Old, Samples, Before, Down, {OldDefaults, Nested});
                    Wrong -> {wrong_up, printed(Wrong)}
                end;
            Answer ->
                refused(up, Answer, [NewDefaults, Given])
        end,
    ended(Pid, Module),
    Result.

whole(none, _, Other) -> Other;
whole(Record, Values, _) -> list_to_tuple([Record | Values]).

there_and_back(Pid, Module, OldBeam, NewBeam, OldVsn, Before, After) ->
    ok = sys:suspend(Pid),
    load(Module, NewBeam),
    Up = sys:change_code(Pid, Module, OldVsn, []),
    Seen = {Up, state(Pid)},
    Down = sys:change_code(Pid, Module, {down, OldVsn}, []),
    load(Module, OldBeam),
    ok = sys:resume(Pid),
    case {Seen, Down, state(Pid)} of
        {{ok, After}, ok, Before} -> ok;
        Other -> {wrong_up, printed(Other)}
    end.

ended(Pid, Module) ->
    unlink(Pid),
    exit(Pid, kill),
    code:purge(Module),
    code:delete(Module),
    code:purge(Module).

back(Pid, Module, OldBeam, OldVsn, Old, Samples, Before, Down, {Defaults, Nested}) ->
    ok = sys:suspend(Pid),
    case sys:change_code(Pid, Module, {down, OldVsn}, []) of
        ok ->
            load(Module, OldBeam),
            ok = sys:resume(Pid),
            case wrong(state(Pid), Old, Down, {Before, Samples, Defaults, #{}, Nested}) of
                [] -> ok;
                Wrong -> {wrong_down, printed(Wrong)}
            end;
        Answer ->
            refused(down, Answer, [Defaults])
    end.

%% What raises in every fresh process too.
refused(Way, Answer, Expected) ->
    case [Why || Map <- Expected, {{raised, Why}, _} <- maps:values(Map)] of
        [Why | _] -> {default_raises, printed(Why)};
        [] -> {refused, printed({Way, Answer})}
    end.

expected(Row, Plans) ->
    case [How || {_, How} <- Plans, lists:member(How, [default, given])] of
        [] -> {#{}, #{}, #{}};
        _ -> survey_modules:values(Row)
    end.

%% A manager's handler gets its state from an init/1, here from that of a module that gives way to the old one.
start(gen_event, Module, OldBeam, State) ->
    load(Module, first_handler(Module)),
    {ok, Pid} = gen_event:start_link(),
    ok = gen_event:add_handler(Pid, Module, State),
    load(Module, OldBeam),
    Pid;
start(Behaviour, Module, OldBeam, State) ->
    load(Module, OldBeam),
    Self = self(),
    Pid = proc_lib:spawn_link(fun() ->
        process_flag(error_handler, ?MODULE),
        process_flag(trap_exit, true),
        Self ! started,
        enter(Behaviour, Module, State)
    end),
    receive started -> Pid end.

first_handler(Module) ->
    Flag = {call, 1, {atom, 1, process_flag}, [{atom, 1, error_handler}, {atom, 1, ?MODULE}]},
    Init = {clause, 1, [{var, 1, 'S'}], [], [Flag, {tuple, 1, [{atom, 1, ok}, {var, 1, 'S'}]}]},
    {ok, _, Beam} = compile:forms([
        {attribute, 1, module, Module}, {attribute, 1, export, [{init, 1}]}, {function, 1, init, 1, [Init]}, {eof, 2}
    ]),
    Beam.

enter(gen_statem, Module, Data) -> gen_statem:enter_loop(Module, [], ready, Data);
enter(gen_fsm, Module, Data) -> gen_fsm:enter_loop(Module, [], ready, Data);
enter(_, Module, State) -> gen_server:enter_loop(Module, [], State).

state(Pid) ->
    case sys:get_state(Pid) of
        {ready, Data} -> Data;
        [{_, _, State}] -> State;
        State -> State
    end.

sample(Field, plain, _) -> {survey, Field};
sample(_, {is, Value}, _) -> Value;
sample(_, {bare, Record}, Nested) -> inner(Record, Nested);
sample(_, {list, Record}, Nested) -> [inner(Record, Nested), other].

inner(Record, Nested) ->
    #{Record := {_, Fields, _}} = Nested,
    list_to_tuple([Record | [{survey, Record, Field} || Field <- Fields]]).

%% The fields of a converted state that are not as the plan says, with what they hold and what they should.
wrong(State, Name, Plan, Known) when element(1, State) =:= Name, tuple_size(State) =:= length(Plan) + 1 ->
    [
        {Field, Value, Why}
     || {{Field, How}, Value} <- lists:zip(Plan, tl(tuple_to_list(State))), Why <- [unlike(How, Field, Value, Known)], Why =/= ok
    ];
wrong(State, Name, Plan, _) ->
    [{shape, State, {Name, length(Plan) + 1}}].

unlike(any, _, _, _) -> ok;
unlike({is, Value}, _, Value, _) -> ok;
unlike({is, Expected}, _, _, _) -> {expected, Expected};
unlike(made, _, Value, _) -> same(Value, survey_made);
unlike(undefined, _, Value, _) -> same(Value, undefined);
unlike({old, From}, _, Value, Known) -> same(Value, before(From, Known));
unlike({up, From}, _, Value, Known) -> same(Value, {survey_up, before(From, Known)});
unlike({nested, From}, _, Value, {_, Samples, _, _, Nested} = Known) ->
    case lists:keyfind(From, 1, Samples) of
        {_, plain} -> same(Value, before(From, Known));
        {_, {bare, Record}} -> same(Value, converted(Record, Nested));
        {_, {list, Record}} -> same(Value, [converted(Record, Nested), other])
    end;
unlike(default, Field, Value, {_, _, Defaults, _, _}) -> one_of(Value, maps:get(Field, Defaults, {{ok, undefined}, none}));
unlike(given, Field, Value, {_, _, _, Given, _}) -> one_of(Value, maps:get(Field, Given)).

converted(Record, Nested) ->
    #{Record := {New, _, Up}} = Nested,
    list_to_tuple([New | [case How of {old, From} -> {survey, Record, From}; made -> survey_made; _ -> undefined end || {_, How} <- Up]]).

before(Field, {Before, Samples, _, _, _}) ->
    Names = [Name || {Name, _} <- Samples],
    element(length(lists:takewhile(fun(Name) -> Name =/= Field end, Names)) + 2, Before).

same(Value, Value) -> ok;
same(_, Expected) -> {expected, Expected}.

%% What gives another value in every process, or every time, can only be of the same kind.
one_of(Value, {{ok, Value}, _}) -> ok;
one_of(Value, {{ok, One}, Other}) ->
    case kind(Value) =:= kind(One) andalso (has_own(One) orelse {ok, One} =/= Other) of
        true -> ok;
        false -> {expected, One}
    end;
one_of(_, {Raised, _}) -> {expected, Raised}.

%% A process, a reference, a fun or a time somewhere inside: no other process has the same.
has_own(Value) when is_pid(Value); is_reference(Value); is_function(Value); is_port(Value) -> true;
has_own(Value) when is_tuple(Value) -> lists:any(fun has_own/1, tuple_to_list(Value));
has_own([Head | Tail]) -> has_own(Head) orelse has_own(Tail);
has_own(_) -> false.

kind(Value) when is_tuple(Value) -> {tuple, tuple_size(Value)};
kind(Value) -> plain_kind(Value).

plain_kind(Value) when is_reference(Value) -> reference;
plain_kind(Value) when is_pid(Value) -> pid;
plain_kind(Value) when is_number(Value) -> number;
plain_kind(Value) when is_binary(Value) -> binary;
plain_kind(Value) when is_function(Value) -> function;
plain_kind(Value) when is_list(Value) -> list;
plain_kind(Value) when is_map(Value) -> map;
plain_kind(Value) when is_atom(Value) -> atom;
plain_kind(_) -> other.

printed(Term) -> unicode:characters_to_binary(io_lib:format("~0tP", [Term, 60])).
