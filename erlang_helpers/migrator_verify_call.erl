%% One call of code that is tried: in a process of its own, under limits of time and of memory. And the probe, which stands in that code
%% for the module's own function and notes what it is called with.
-module(migrator_verify_call).

-export([run/2, tried/4, answer/1, at/1, text/3, is_missing/3]).

-export_type([limits/0, outcome/0, answering/0]).

-type limits() :: {Milliseconds :: pos_integer(), Words :: pos_integer()}.
%% Noted: the arguments of each call of the module's own function, in order.
-type outcome() :: {value, term(), Noted :: [[term()]]} | {raised, Text :: binary()} | {timeout, At :: term()} | heap.
-type answering() :: returned | thrown | {answer, term()}.

-define(PROBE, '$migrator_verify_probe').
-define(PLACE, '$migrator_verify_place').

%% What the function gives. The calling process must trap exits.
-spec run(limits(), fun(() -> term())) -> outcome().
run({Milliseconds, Words}, Fun) ->
    Parent = self(),
    Tag = make_ref(),
    %% Linked, since who kills us at our deadline means the call too.
    Options = [link, {max_heap_size, #{size => Words, kill => true, error_logger => false}}],
    Pid = spawn_opt(fun() ->
                            Outcome = outcome(Fun),
                            ended_with_it(Parent),
                            Parent ! {Tag, Outcome}
                    end, Options),
    receive
        {Tag, Answer} -> ended(Pid, Tag, Answer);
        {'EXIT', Pid, killed} -> heap;
        {'EXIT', Pid, Reason} -> {raised, text(exit, Reason, [])}
    after Milliseconds ->
        At = case process_info(Pid, dictionary) of
                 {dictionary, Dictionary} -> proplists:get_value(?PLACE, Dictionary, none);
                 undefined -> none
             end,
        exit(Pid, kill),
        ended(Pid, Tag, {timeout, At})
    end.

%% Processes that the function started and linked would keep their names and be met by the next call.
ended_with_it(Parent) ->
    {links, Links} = process_info(self(), links),
    [ended_child(Pid) || Pid <- Links, is_pid(Pid), Pid =/= Parent, parent(Pid) =:= self()],
    ok.

ended_child(Pid) ->
    unlink(Pid),
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.

parent(Pid) ->
    case process_info(Pid, parent) of
        {parent, Parent} -> Parent;
        undefined -> undefined
    end.

%% What it held, a named table say, is gone when this returns.
ended(Pid, Tag, Outcome) ->
    receive {'EXIT', Pid, _} -> ok end,
    %% It may have answered in the last moment.
    receive {Tag, _} -> ok after 0 -> ok end,
    Outcome.

%% Where the function is, for who asks when it takes too long.
-spec at(term()) -> ok.
at(Place) ->
    put(?PLACE, Place),
    ok.

outcome(Fun) ->
    try Fun() of
        Value -> {value, Value, noted()}
    catch
        Class:Reason:Stack -> {raised, text(Class, Reason, Stack)}
    end.

%% What the tried module's function gives, called as OTP does. Answering: how the module's own function answers.
-spec tried(limits(), {module(), map()}, [term()], answering()) -> outcome().
tried(Limits, {Module, #{function := Function, reply := Reply, taken := Taken}}, Arguments, Answering) ->
    run(Limits, fun() ->
                    put(?PROBE, {Reply, Answering, []}),
                    try
                        apply(Module, Function, Arguments)
                    catch
                        throw:Thrown when Taken =:= thrown -> Thrown
                    end
                end).

%% What is called instead of the module's own function.
-spec answer([term()]) -> term().
answer(Arguments) ->
    {Reply, Answering, Noted} = get(?PROBE),
    put(?PROBE, {Reply, Answering, [Arguments | Noted]}),
    State = list_to_tuple([ok | [lists:nth(Position, Arguments) || Position <- Reply]]),
    case Answering of
        returned -> State;
        thrown -> throw(State);
        {answer, Other} -> Other
    end.

noted() ->
    case get(?PROBE) of
        {_, _, Noted} -> lists:reverse(Noted);
        undefined -> []
    end.

%% Cut short: a reason may hold the whole state.
-spec text(atom(), term(), list()) -> binary().
text(Class, Reason, Stack) ->
    Format = fun(Term, _) -> io_lib:format("~tP", [Term, 12]) end,
    Theirs = lists:takewhile(fun(Frame) -> not is_ours(element(1, Frame)) end, Stack),
    Text = erl_error:format_exception(Class, Reason, Theirs, #{format_fun => Format}),
    string:trim(migrator_relup:text(Text), both, "* \n").

%% What calls the code that is tried.
is_ours(erl_eval) -> true;
is_ours(Module) when is_atom(Module) -> lists:prefix("migrator_verify", atom_to_list(Module));
is_ours(_) -> false.

%% Whether the code failed for want of what a system has and a throw-away node has not: a table, a process, a NIF, a module.
-spec is_missing(atom(), term(), list()) -> boolean().
is_missing(exit, {noproc, _}, _) -> true;
is_missing(exit, {{nodedown, _}, _}, _) -> true;
is_missing(exit, {aborted, {node_not_running, _}}, _) -> true;
is_missing(exit, {aborted, {no_exists, _}}, _) -> true;
is_missing(exit, {aborted, {no_exists, _, _}}, _) -> true;
is_missing(error, _, [{erlang, nif_error, _, _} | _]) -> true;
is_missing(error, undef, [{Module, _, _, _} | _]) when is_atom(Module) -> code:ensure_loaded(Module) =/= {module, Module};
is_missing(error, badarg, [{ets, _, [Table | _], _} | _]) -> is_no_table(Table);
is_missing(error, badarg, [{erlang, send, [Name | _], _} | _]) when is_atom(Name) -> whereis(Name) =:= undefined;
is_missing(error, badarg, [{persistent_term, get, [_], _} | _]) -> true;
is_missing(_, _, _) -> false.

is_no_table(Table) when is_atom(Table) -> ets:whereis(Table) =:= undefined;
is_no_table(Table) when is_reference(Table) ->
    try ets:info(Table) of Info -> Info =:= undefined catch error:badarg -> true end;
is_no_table(_) -> false.
