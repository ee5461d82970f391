%% Tries states of one old version, and of the new one: up and back, once more, and what is of no version. What comes of it is in the tally.
-module(migrator_verify_trial).

-export([number/3, given/2]).

%% Other seeds for a state that a decision's function does not take.
-define(ATTEMPTS, 4).

%% The states with that number.
-spec number(migrator_verify_oracle:way(), integer(), non_neg_integer()) -> ok.
number(Way, Seed, Number) ->
    new_one(Way, {Seed, Number}),
    old_one(Way, {Seed, Number}, 1),
    foreign(Way, {Seed, Number}).

%% A state that someone gave.
-spec given(migrator_verify_oracle:way(), term()) -> ok.
given(#{new := {Root, Named}} = Way, State) ->
    Case = first_case(Way),
    IsOld = is_old(Way, State),
    case IsOld orelse is_new(Way, State) orelse migrator_verify_shape:accepts(Root, State, Named) of
        true when IsOld ->
            tried(Way, Case, old, State);
        true ->
            tried(Way, Case, new, State);
        false ->
            tried(Way, Case, foreign, State)
    end.

tried(Way, Case, Side, State) ->
    migrator_verify_tally:count(Side),
    case checked(Way, Case, Side, State) of
        skipped -> migrator_verify_tally:count(skipped);
        Findings -> told(Way, Case, Findings)
    end.

is_old(#{version := #{state := {record, Record}}}, State) -> migrator_verify_oracle:is_old(Record, State);
is_old(#{old := {Root, Named}}, State) -> Root =/= any andalso migrator_verify_shape:accepts(Root, State, Named).

is_new(#{states := #{new := {Tag, Size}}}, State) -> migrator_verify_record:is(State, Tag, Size);
is_new(_, _) -> false.

%% --- states that are made ---

old_one(#{old := {Root, _}} = Way, At, Attempt) ->
    seed(At, Attempt),
    State = otherwise(old, Way, At, migrator_verify_make:value(Root, size_of(At), with(old, Way, At))),
    Case = a_case(Way, At),
    case old_checked(Way, Case, State) of
        skipped when Attempt < ?ATTEMPTS -> old_one(Way, At, Attempt + 1);
        skipped -> migrator_verify_tally:count(skipped);
        Findings -> told(Way, Case, Findings)
    end.

new_one(#{new := {Root, _}} = Way, At) ->
    seed(At, 0),
    State = otherwise(new, Way, At, migrator_verify_make:value(Root, size_of(At), with(new, Way, At))),
    Case = a_case(Way, At),
    case new_checked(Way, Case, State) of
        skipped -> migrator_verify_tally:count(skipped);
        Findings -> told(Way, Case, Findings)
    end.

%% Nothing makes a process keep its types: in some states a field that may hold changed records holds something else, which
%% goes on as it is.
otherwise(Side, #{version := #{state := {record, #{fields := Olds, up := Up, down := Down}}}}, {_, Number}, State)
  when Number rem 16 =:= 9, is_tuple(State) ->
    {Fields, Sources} = case Side of old -> {Olds, Up}; new -> {[New || {New, _} <- Up], Down} end,
    Walked = lists:append([walked(Source) || {_, Source} <- Sources]),
    case [Place || {Place, Field} <- lists:zip(lists:seq(2, length(Fields) + 1), Fields), lists:member(Field, Walked)] of
        [] -> State;
        Places -> setelement(one_of(Places), State, one_of([undefined, 0, {}, {left, right}, <<"text">>]))
    end;
otherwise(_, _, _, State) ->
    State.

%% The other record's field in which records are looked for.
walked({nested, Field, _}) -> [Field];
walked({taken, Field, _, _, _}) -> [Field];
walked({filled, {Copied, Field}, _, _, _}) when Copied =:= copied; Copied =:= renamed -> [Field];
walked({filled, Source, _, _, _}) when is_tuple(Source) -> walked(Source);
walked(_) -> [].

foreign(#{states := #{shapes := Bare, known := Known}, old := Old, new := New} = Way, At) ->
    Shapes = case Known of unknown -> Bare; _ -> Known end,
    seed(At, -1),
    With = with(new, Way, At),
    Other = migrator_verify_make:value(any, 3, With),
    Sized = [migrator_verify_make:tagged(Tag, rand:uniform(Most + 3), With)
             || {Tag, Most} <- maps:to_list(lists:foldl(fun({Tag, Size}, All) -> All#{Tag => max(Size, maps:get(Tag, All, 0))}; (none, All) -> All end,
                                                        #{}, Shapes)), is_atom(Tag)]
        ++ [migrator_verify_make:estranged(Definition, With) || {Definition, _} <- Shapes, is_tuple(Definition)],
    Case = a_case(Way, At),
    [told(Way, Case, foreign_checked(Way, Case, State)) || State <- [Other | Sized]],
    [told(Way, Case, unknown_inside(Way, Direction, Case, migrator_verify_make:value(Root, 3, with(Side, Way, At))))
     || {Side, {Root, _}} <- [{old, Old}, {new, New}], Direction <- [up, down]],
    ok.

unknown_inside(Way, Direction, Case, State) ->
    Called = at(case Direction of up -> old; down -> down end, Case),
    [{{foreign, Changed}, Finding} || {Changed, IsReason, Shown} <- migrator_verify_foreign:unknown_inside(Way, Direction, State),
                                      Finding <- migrator_verify_judge:refused(Way, IsReason, Changed, {Called, Shown})].

seed({Seed, Number}, Attempt) ->
    _ = rand:seed(exsss, {Seed, Number, Attempt}),
    ok.

%% The first state is the simplest, some are large.
size_of({_, 0}) -> 0;
size_of(_) ->
    case rand:uniform(100) of
        N when N =< 50 -> 3;
        N when N =< 80 -> 8;
        N when N =< 95 -> 20;
        N when N =< 99 -> 60;
        _ -> 400
    end.

with(Side, #{atoms := Atoms, sought := Sought} = Way, {_, Number}) ->
    {_, Named} = maps:get(Side, Way),
    #{natives => maps:get(natives, Way), named => Named, atoms => Atoms, sought => maps:get(Side, Sought), seek => [], turn => Number}.

%% --- how the function is called ---

%% Each is a list of what OldVsn may be.
first_case(#{version := #{vsn := Vsn}, new_vsn := NewVsn, facts := Facts}) ->
    #{old => Vsn, new => NewVsn, down => {down, Vsn}, strange => Vsn, extra => [], others => others(Facts, undefined), answering => returned}.

a_case(#{version := #{vsn := Vsn}, new_vsn := NewVsn, states := #{told := Told, vsns := Vsns}, facts := #{taken := Taken, own := Own} = Facts}, {_, Number}) ->
    Any = [Vsn, NewVsn, undefined, "0.1", 42, 1 bsl 127, [{vsn, 1}]],
    #{old => case maps:get(old, Told) of true -> one_of([Vsn, Vsn | Any]); false -> Vsn end,
      new => case maps:get(new, Told) of true -> one_of([NewVsn, Vsn | Any]); false -> NewVsn end,
      down => {down, case Vsns of [_] -> one_of([Vsn, Vsn | Any]); _ -> Vsn end},
      %% Of what is of no version OldVsn tells nothing.
      strange => one_of([Vsn, NewVsn | Any]),
      extra => one_of([[], [], [advanced], undefined, {a, b}, "text", [a | b], #{}, [{old, 1}, {other, 2}], 17]),
      others => others(Facts, one_of([ready, {wait, 1}, undefined, []])),
      answering => case {Number rem 16, Taken} of
                       {5, _} when Own =/= none -> {answer, {error, not_now}};
                       {N, thrown} when N rem 4 =:= 3 -> thrown;
                       _ -> returned
                   end}.

others(#{arity := Arity, state := State, vsn := Vsn, extra := Extra}, Value) ->
    [{N, Value} || N <- lists:seq(1, Arity), N =/= State, N =/= Vsn, N =/= Extra].

one_of(List) ->
    lists:nth(rand:uniform(length(List)), List).

at(Which, Case) ->
    Case#{vsn => maps:get(Which, Case)}.

%% --- what is tried of a state ---

%% Findings, each with the state that was passed in.
old_checked(Way, Case, Old) ->
    case migrator_verify_judge:up(Way, Old, at(old, Case)) of
        {skipped, _} ->
            skipped;
        {Came, Findings} ->
            After = case Came of
                        {ok, New} when Findings =:= [] -> there_and_back(Way, Case, Old, New);
                        _ -> []
                    end,
            [{{old, Old}, Finding} || Finding <- Findings ++ unsure(Way, Case, Old) ++ already(Way, Case, Old) ++ old_no_target(Way, Case, Old)]
                ++ After
    end.

there_and_back(#{version := #{upgrade := handwritten}}, _, _, _) ->
    [];
there_and_back(Way, Case, Old, New) ->
    {_, Again} = migrator_verify_judge:passing(Way, again, New, at(new, Case)),
    Down = migrator_verify_judge:down(Way, New, at(down, Case)),
    [{{new, New}, Finding} || Finding <- Again ++ owed(Way, new, New, wrong(Down))]
        ++ case Down of
               {{ok, Back}, []} -> [{{old, Old}, Lost} || Lost <- lost(Way, down, Old, Back)];
               _ -> []
           end.

new_checked(Way, Case, New) ->
    {_, Again} = migrator_verify_judge:passing(Way, again, New, at(new, Case)),
    case migrator_verify_judge:down(Way, New, at(down, Case)) of
        {skipped, _} when Again =:= [] -> skipped;
        Down ->
            [{{new, New}, Finding} || Finding <- Again ++ wrong(Down) ++ no_target(Way, Case, New) ++ own_answers(Way, Case, New)
                                                ++ own_gives_old(Way, Case, New, Down)]
                ++ up_again(Way, Case, New, Down)
    end.

wrong({_, Findings}) -> Findings.

up_again(#{version := #{upgrade := generated}} = Way, Case, New, {{ok, Old}, []}) ->
    case migrator_verify_judge:up(Way, Old, at(old, Case)) of
        {{ok, Back}, []} -> [{{new, New}, Lost} || Lost <- lost(Way, up, New, Back)];
        {_, Findings} -> [{{old, Old}, Finding} || Finding <- owed(Way, old, Old, Findings)]
    end;
up_again(_, _, _, _) ->
    [].

%% What came out of a state may hold what no state of the other version is said to: functions of decisions need not take that.
owed(_, _, _, []) -> [];
owed(Way, Side, State, Findings) ->
    {Root, Named} = maps:get(Side, Way),
    case migrator_verify_shape:accepts(Root, State, Named) of
        true -> Findings;
        false -> [Finding || Finding <- Findings, not lists:member(element(1, Finding), [raised, type])]
    end.

%% What did not come back: a finding where the plan says that it does, else an example.
lost(Way, Direction, State, Back) ->
    Side = migrator_verify_way:to(Way, case Direction of down -> down; up -> up end),
    Differences = migrator_verify_compare:differences(State, Back, Side, alike),
    [migrator_verify_tally:lost({Direction, Record, Field}, {migrator_verify_text:term(Value), migrator_verify_text:term(Came)})
     || {{Record, Field}, [], Value, Came} = Difference <- whole_fields(Differences), not migrator_verify_way:is_kept(Way, Direction, Difference)],
    [{lost, Direction, Record, Field, Value, Came, Path}
     || {{Record, Field}, Path, Value, Came} = Difference <- Differences, migrator_verify_way:is_kept(Way, Direction, Difference)].

whole_fields(Differences) ->
    [{Place, [], Value, Came} || {Place, _, Value, Came} <- Differences].

%% A version that is none, where the state alone does not tell what it means.
unsure(Way, Case, State) ->
    case migrator_verify_foreign:unsure(Way, State) of
        none -> [];
        {Vsn, IsReason, Shown} -> migrator_verify_judge:refused(Way, IsReason, State, {Case#{vsn => Vsn}, Shown})
    end.

%% Of an old state too, where a shape tells it.
old_no_target(#{states := #{bare := true}} = Way, Case, Old) -> no_target(Way, Case, Old);
old_no_target(_, _, _) -> [].

no_target(Way, Case, State) ->
    case migrator_verify_foreign:no_target(Way) of
        none -> [];
        {Vsn, IsReason, Shown} -> migrator_verify_judge:refused(Way, IsReason, State, {Case#{vsn => Vsn}, Shown})
    end.

%% An old state is there already where a downgrade comes to it.
already(#{states := #{told := #{beside := true}}} = Way, Case, Old) ->
    migrator_verify_judge:already(Way, Old, at(down, Case));
already(#{version := #{state := {by_hand, {record, Name, _}, _, _}}, states := #{vsns := [_]}, new := {Root, Named}} = Way, Case, Old)
  when element(1, Old) =:= Name ->
    case migrator_verify_shape:accepts(Root, Old, Named) of
        true -> [];
        false -> migrator_verify_judge:already(Way, Old, at(down, Case))
    end;
already(_, _, _) ->
    [].

%% Where the module's own function runs first on a downgrade, its answer may be of any version, or of none.
own_answers(#{mode := own_first, facts := #{own := {_, _}, reply := Reply, state := At}, states := #{told := #{old := true}, shapes := [{Tag, _} | _] = Shapes}} = Way,
            Case, New) ->
    Most = lists:max([Size || {_, Size} <- Shapes]),
    Unknown = case Tag of
                  {Module, Name, Access, _} ->
                      Fields = [list_to_atom("of no version " ++ integer_to_list(N)) || N <- lists:seq(1, Most)],
                      migrator_verify_record:made({Module, Name, Access, Fields}, Fields);
                  _ -> migrator_verify_record:made(Tag, lists:duplicate(Most, undefined))
              end,
    Answer = list_to_tuple([ok | [case Position of At -> Unknown; _ -> undefined end || Position <- Reply]]),
    case migrator_verify_foreign:refusal(Way, down, Unknown) of
        {IsReason, Shown} ->
            Answering = (at(down, Case))#{answering => {answer, Answer}, own_answers => yes},
            migrator_verify_judge:refused(Way, IsReason, New, {Answering, Shown});
        _ -> []
    end;
own_answers(_, _, _) ->
    [].

%% What it gives in the old shape already passes.
own_gives_old(#{mode := own_first, facts := #{own := {_, _}, reply := Reply, state := At}, states := #{told := #{old := true}}} = Way, Case, New, {{ok, Old}, []}) ->
    Answer = list_to_tuple([ok | [case Position of At -> Old; _ -> undefined end || Position <- Reply]]),
    wrong(migrator_verify_judge:down(Way, New, (at(down, Case))#{answering => {answer, Answer}}));
own_gives_old(_, _, _, _) ->
    [].

foreign_checked(Way, Case, State) ->
    [{{foreign, State}, Finding} || Direction <- [up, down], Finding <- stranger(Way, Direction, Case, State)].

stranger(Way, Direction, Case, State) ->
    Called = at(case Direction of up -> strange; down -> down end, Case),
    case migrator_verify_foreign:refusal(Way, Direction, State) of
        {IsReason, Shown} ->
            migrator_verify_judge:refused(Way, IsReason, State, {Called, Shown});
        passes ->
            wrong(migrator_verify_judge:passing(Way, foreign, State, Called));
        none ->
            case migrator_verify_foreign:is_foreign(Way, State) of
                true -> wrong(migrator_verify_judge:passing(Way, foreign, State, Called));
                false -> []
            end
    end.

%% --- findings ---

%% Each that is the first of its kind, with the smallest state.
told(Way, Case, Findings) ->
    [tell(Way, Case, Input, Finding) || {Input, Finding} <- Findings],
    ok.

tell(Way, Case, {Side, State}, {Kind, Direction, Record, Field, _, _, _} = Finding) ->
    Key = {Kind, Direction, Record, Field},
    case migrator_verify_tally:found(Key) of
        true -> migrator_verify_tally:described(Key, smallest(Way, Case, {Side, State}, Finding));
        false -> ok
    end.

smallest(_, _, {_, State}, {Kind, _, _, _, _, _, _} = Finding) when Kind =:= timeout; Kind =:= heap ->
    {State, Finding};
smallest(Way, Case, {Side, State}, {Kind, Direction, Record, Field, _, _, _} = Finding) ->
    Again = fun(Each) ->
                    [One || {{At, Input}, {K, D, R, F, _, _, _} = One} <- found(checked(Way, Case, Side, Each)),
                            {K, D, R, F, At} =:= {Kind, Direction, Record, Field, Side}, Input =:= Each]
            end,
    Grammar = case Side of foreign -> migrator_verify_shape:grammar({any, []}); _ -> maps:get(Side, Way) end,
    Small = migrator_verify_shrink:smallest(State, Grammar, fun(Each) -> Again(Each) =/= [] end),
    case Again(Small) of
        [One | _] -> {Small, One};
        [] -> {State, Finding}
    end.

checked(Way, Case, old, State) -> old_checked(Way, Case, State);
checked(Way, Case, new, State) -> new_checked(Way, Case, State);
checked(Way, Case, foreign, State) -> foreign_checked(Way, Case, State).

found(skipped) -> [];
found(Findings) -> Findings.
