%% Trials of a migration, in a throw-away node: what a beam does to states is judged by its plan. README.md says what is sent and what comes back.
-module(migrator_verify).

-export([load/4, run/5, given/3]).

%% Loads what is to be tried; gives the name under which it is called.
-spec load(binary(), tuple(), {atom(), arity()} | none, [binary()]) -> module().
load(Beam, {_, _, _, _, _, _, _} = Callback, Own, Folders) ->
    throw_away(),
    migrator_verify_load:load(Beam, Callback, Own, Folders).

%% Tries the states with the numbers From to To - 1.
-spec run(module(), map(), integer(), non_neg_integer(), non_neg_integer()) -> {[{atom(), term()}], [tuple()]}.
run(Module, Subject, Seed, From, To) ->
    running(fun() ->
                Way = begin_(Module, Subject),
                each(fun(Number) -> migrator_verify_trial:number(Way, Seed, Number) end, lists:seq(From, To - 1)),
                result(Way)
            end).

%% Tries states in the external term format.
-spec given(module(), map(), [binary()]) -> {[{atom(), term()}], [tuple()]}.
given(Module, Subject, States) ->
    running(fun() ->
                Way = begin_(Module, Subject),
                each(fun(State) -> large(Way, binary_to_term(State)) end, States),
                result(Way)
            end).

%% What a process has may be larger than what is made here.
large(#{limits := {Milliseconds, Words}} = Way, State) ->
    Size = erts_debug:flat_size(State),
    migrator_verify_trial:given(Way#{limits := {Milliseconds + Size div 1000, Words + 20 * Size}}, State).

begin_(Module, Subject) ->
    throw_away(),
    %% A call that dies is an answer.
    process_flag(trap_exit, true),
    ok = migrator_verify_tally:begin_(),
    #{old := Old, new := New} = Way = migrator_verify_way:way(Subject, migrator_verify_load:facts(Module)),
    [migrator_verify_tally:note({unknown_shape, none, none}, migrator_verify_text:term(Shape))
     || Grammar <- [Old, New], Shape <- migrator_verify_shape:unknown(Grammar)],
    Way.

each(Try, [State | States]) ->
    case migrator_verify_tally:counted(endless) of
        %% Others would take as long.
        N when N > 0 ->
            migrator_verify_tally:note({stopped, none, none}, "a call took too long, or too much memory");
        0 ->
            Try(State),
            migrator_verify_tally:count(states),
            each(Try, States)
    end;
each(_, []) ->
    ok.

result(#{decided := Decided, pure := #{up := Up, down := Down}}) ->
    Count = fun migrator_verify_tally:counted/1,
    {[{states, Count(states)}, {calls, Count(calls)}, {skipped, Count(skipped)}, {came, {Count(came_up), Count(came_down)}}, {given, {Count(old), Count(new), Count(foreign)}},
      {lost, [{Direction, Record, Field, Value, Back} || {{Direction, Record, Field}, {Value, Back}} <- migrator_verify_tally:all_lost()]},
      {pure, Up andalso Down},
      {reads, [{Direction, Record, Field, [Read || {_, Read} <- Reads]} || {Direction, All} <- maps:to_list(Decided), {Record, Field, Reads} <- All]},
      {notes, [{Note, Record, Field, migrator_relup:text([Text])} || {{Note, Record, Field}, Text} <- migrator_verify_tally:notes()]}],
     [finding(Finding) || {_, Finding} <- migrator_verify_tally:findings()]}.

finding({State, {Kind, Direction, Record, Field, Expected, Got, Path}}) ->
    {Kind, Direction, Record, Field, {term_to_binary(State), migrator_verify_text:term(State)}, text(Expected), text(Got), path(Path)}.

%% Code that was tried may have told the node to stop, which takes a while; what is ended meanwhile makes all sorts of
%% things fail.
running(Try) ->
    try Try()
    after still_up()
    end.

still_up() ->
    case init:get_status() of
        {stopping, _} -> halt(1, [{flush, false}]);
        _ -> ok
    end.

text({text, Text}) when is_binary(Text) -> Text;
text(Term) -> migrator_verify_text:term(Term).

%% `element 2, item 1, key users`.
path(Path) ->
    migrator_relup:text([lists:join(", ", [step(Step) || Step <- Path])]).

step({element, N}) -> io_lib:format("element ~w", [N]);
step({item, N}) -> io_lib:format("item ~w", [N]);
step({tail, N}) -> io_lib:format("the tail after item ~w", [N]);
step({field, Field}) -> ["field ", migrator_verify_text:term(Field)];
step({key, Key}) -> ["key ", migrator_verify_text:term(Key)];
step(Other) -> migrator_verify_text:term(Other).

throw_away() ->
    init:get_argument(migrator_throw_away) =/= error orelse throw({request, "this node is not one to run the code of others in"}).
