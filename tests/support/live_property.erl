%% The converter under any terms: what it makes of each is judged by the contract's sections 3 to 5 and by the models
%% written by hand in live_models, never by what was generated.
-module(live_property).
-export([prepare/3, run/4, as/4, apart/6, own/2]).

%% Loads the beam with the module's own conversion function replaced by one that notes what came, and gives it back.
prepare(Module, Beam, Subject) -> as(Module, Module, Beam, Subject).

%% The same under another name, so that two of them can be asked.
as(Name, Module, Beam, #{own := Own, named := Named}) ->
    {ok, {Module, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(Beam, [abstract_code]),
    Noting = [noting(Form, Own, Named) || Form <- Forms, element(3, Form) =/= on_load],
    {ok, Name, Tried} = compile:forms([renamed(Form, Name) || Form <- Noting], [nowarn_unused_function]),
    live_node:load(Name, Tried).

renamed({attribute, Line, module, _}, Name) -> {attribute, Line, module, Name};
renamed(Form, _) -> Form.

%% The first term of which two modules make something else, as a text; an empty one where none tells them apart: no
%% state of any tag and size with any OldVsn and Extra, whatever the own function does, and none of the random terms.
apart(Subject, One, Other, Seed, From, To) ->
    Both = {Subject#{module := One}, Subject#{module := Other}},
    case differs(Both, grid(Subject)) of
        <<>> -> differs(Both, [random(Subject, Seed, N, Way) || N <- lists:seq(From, To - 1), Way <- [up, down]]);
        Found -> Found
    end.

differs(_, []) -> <<>>;
differs({One, Other} = Both, [{Vsn, State, Extra, Act} = Try | Left]) ->
    _ = put(live_act, Act),
    case {outcome(called(One, Vsn, State, Extra)), outcome(called(Other, Vsn, State, Extra))} of
        {Same, Same} -> differs(Both, Left);
        {First, Second} -> text({Try, First, Second})
    end.

random(Subject, Seed, Number, Way) ->
    _ = rand:seed(exsss, {Seed, Number, case Way of up -> 1; down -> 2 end}),
    State = live_terms:state(Way, Subject),
    {vsn(Way, Subject), State, live_terms:extra(), act(Subject, Way, State)}.

grid(#{shapes := Shapes, vsns := Vsns, new_vsn := New, olds := Olds, news := News, own := Own, thrown := Thrown}) ->
    Known = lists:usort([Shape || {_, Shape} <- Shapes]),
    Most = lists:max([2 | [Size || {_, Size} <- Known]]) + 2,
    Near = lists:usort([N || {_, Size} <- Known, N <- lists:seq(Size - 2, Size + 2), N > 0] ++ [1, 2, Most]),
    Tuples = [list_to_tuple([Tag | [{at, N} || N <- lists:seq(2, Size)]]) || Tag <- [other | lists:usort([T || {T, _} <- Known])], Size <- Near],
    States = lists:usort(Tuples ++ [{}, [], #{}, other, 0, "text"] ++ Olds ++ News),
    Given = [N || {_, N} <- Vsns] ++ [New, other],
    Acts = [returned | case Own of none -> []; _ -> [{answers, {error, mine}}, {answers, ok} | [thrown || Thrown] ++ [{gives, S} || S <- States]] end],
    [{Vsn, State, Extra, Act} || Vsn <- Given ++ [{down, V} || V <- Given], State <- States, Act <- Acts,
        Extra <- case Act of returned -> [[], [{a, 1}], [a | b], none]; _ -> [[]] end].

outcome({raised, _}) -> raised;
outcome(Outcome) -> Outcome.

noting({function, Line, Name, Arity, _}, {Name, Arity}, Named) ->
    Parameters = [{var, 0, list_to_atom("A" ++ integer_to_list(N))} || N <- lists:seq(1, Arity)],
    All = lists:foldr(fun(One, Rest) -> {cons, 0, One, Rest} end, {nil, 0}, Parameters),
    Call = {call, 0, {remote, 0, {atom, 0, live_property}, {atom, 0, own}}, [All, erl_parse:abstract(Named)]},
    {function, Line, Name, Arity, [{clause, 0, Parameters, [], [Call]}]};
noting(Form, _, _) -> Form.

%% What stands in for the module's own function: notes what came, and does what this try says.
own(All, Named) ->
    _ = put(live_property, [All | case get(live_property) of undefined -> []; Before -> Before end]),
    Given = [lists:nth(N, All) || N <- Named],
    case get(live_act) of
        thrown -> throw(list_to_tuple([ok | Given]));
        {gives, State} -> list_to_tuple([ok | lists:droplast(Given) ++ [State]]);
        {answers, Answer} -> Answer;
        _ -> list_to_tuple([ok | Given])
    end.

%% Tries the terms number From to To - 1, each both ways: `{Tried, Wrong}`, the first wrong ones as texts.
run(Subject, Seed, From, To) ->
    Tries = [Wrong || Number <- lists:seq(From, To - 1), Way <- [up, down], Wrong <- try_one(Subject, Seed, Number, Way)],
    {2 * (To - From), [text(Each) || Each <- lists:sublist(Tries, 5)]}.

text(Wrong) -> unicode:characters_to_binary(io_lib:format("~0tP", [Wrong, 400])).

try_one(Subject, Seed, Number, Way) ->
    _ = rand:seed(exsss, {Seed, Number, case Way of up -> 1; down -> 2 end}),
    State = live_terms:state(Way, Subject),
    case well_made(Subject, State) of
        false -> [];
        true -> judged(Subject, Number, Way, vsn(Way, Subject), State, live_terms:extra())
    end.

vsn(up, #{vsns := Vsns, new_vsn := New}) ->
    live_terms:one_of([V || {_, V} <- Vsns] ++ [New, New, undefined, 17, "unknown", {up, New}, {down}, "release-3"]);
vsn(down, #{vsns := Vsns}) ->
    {down, live_terms:one_of([V || {_, V} <- Vsns] ++ [live_terms:one_of(["unknown", undefined])])}.

judged(Subject, Number, Way, Vsn, State, Extra) ->
    _ = put(live_act, act(Subject, Way, State)),
    {Wanted, Seen} = wanted(Subject, Way, Vsn, State, Extra, get(live_act)),
    Got = called(Subject, Vsn, State, Extra),
    Wrong = [{Number, Vsn, State, Extra, get(live_act), {wanted, Wanted, Seen}, {got, Got}} || not agrees(Wanted, Seen, Got)],
    case erase(live_act) of
        {gives, _} -> Wrong;
        _ -> Wrong ++ again(Subject, Number, Way, Vsn, Wanted)
    end.

%% What the own function does in this try: mostly it gives its state back.
act(#{own := none}, _, _) -> returned;
act(#{thrown := Thrown} = Subject, Way, State) ->
    case rand:uniform(10) of
        1 when Thrown -> thrown;
        2 -> {gives, live_terms:state(Way, Subject)};
        3 -> {gives, live_terms:one_of([State, {State}, resized(State)])};
        4 -> {answers, {error, mine}};
        _ -> returned
    end.

resized(State) when is_tuple(State) -> erlang:append_element(State, more);
resized(State) -> State.

%% Converting what was converted changes nothing: it is a new state of the new version.
again(#{sample := Sample, new_vsn := New, vsns := Vsns} = Subject, Number, up, Vsn, {state, Once}) ->
    Told = length(of_shape(Subject, Once)) > 1 andalso live_models:told(Sample) =:= vsn,
    Known = [V || {_, V} <- Vsns],
    [{Number, twice, Used, Once, Got} || Used <- [New | [Vsn || not Told]], not (Told andalso lists:member(New, Known)),
        Got <- [element(1, called(Subject, Used, Once, []))], Got =/= {state, Once}];
again(_, _, _, _, _) -> [].

agrees(raised, _, {raised, _}) -> true;
agrees(Wanted, any, {Wanted, _}) -> true;
agrees(Wanted, Seen, {Wanted, Seen}) -> true;
agrees(_, _, _) -> false.

%% What must be answered, and what the module's own function must get: `{Vsn, State, Extra}`, `none` or `any`.
wanted(#{own := none} = Subject, Way, Vsn, State, _, _) ->
    case decided(Subject, Way, Vsn, State) of
        {refused, Why} -> {{error, {state_migration, Why}}, none};
        passed -> {{state, State}, none};
        raised -> {raised, any};
        {to, New} -> {{state, New}, none}
    end;
wanted(#{sample := Sample} = Subject, Way, Vsn, State, Extra, Act) ->
    case {decided(Subject, Way, Vsn, State), Way =:= down andalso live_models:own_first(Sample)} of
        {{refused, Why}, _} -> {{error, {state_migration, Why}}, none};
        {passed, true} ->
            case of_shape(Subject, State) of
                [] -> {answered(Subject, Way, Vsn, State, Act), {Vsn, State, Extra}};
                _ -> {{state, State}, none}
            end;
        {_, true} -> {answered(Subject, Way, Vsn, State, Act), {Vsn, State, Extra}};
        {passed, _} -> {answer(State, Act), {Vsn, State, Extra}};
        {raised, _} -> {raised, any};
        {{to, State}, _} -> {answer(State, Act), any};
        {{to, New}, _} -> {answer(New, Act), {Vsn, New, with_old(Extra, State)}}
    end.

%% What the own function answers, and what is made of that where it runs first.
answer(_, {gives, State}) -> {state, State};
answer(_, {answers, Answer}) -> Answer;
answer(State, _) -> {state, State}.

answered(Subject, Way, Vsn, State, Act) ->
    case answer(State, Act) of
        {state, Given} ->
            case decided(Subject, Way, Vsn, Given) of
                {refused, Why} -> {error, {state_migration, Why}};
                passed -> {state, Given};
                raised -> raised;
                {to, Old} -> {state, Old}
            end;
        Other -> Other
    end.

with_old(Extra, Old) ->
    try length(Extra) of _ -> Extra ++ [{old_state, Old}]
    catch error:badarg -> [Extra, {old_state, Old}]
    end.

%% What section 3 says of a state on the way up, and section 5 on the way down.
decided(#{sample := Sample, vsns := Vsns, new_vsn := New} = Subject, up, Vsn, State) ->
    Inside = live_models:told(Sample) =:= inside,
    case of_shape(Subject, State) of
        [{Version, _} | _] when Inside -> made(up, Sample, Version, State);
        [{new, _}] -> passed;
        [_, {new, _}] when Sample =:= tuple_to_record -> passed;
        [{Version, _}] -> made(up, Sample, Version, State);
        [] -> foreign(Subject, State);
        Several ->
            case [Version || {Version, Known} <- Several, Known =:= Vsn] of
                [new] -> passed;
                [Version] -> made(up, Sample, Version, State);
                [] -> {refused, {ambiguous_version, Vsn, [V || {_, V} <- Vsns ++ [{new, New}], lists:keymember(V, 2, Several)]}}
            end
    end;
decided(#{sample := Sample, vsns := Vsns} = Subject, down, {down, Vsn} = Asked, State) ->
    Shapes = [Version || {Version, _} <- of_shape(Subject, State)],
    Target = case {Vsns, lists:keyfind(Vsn, 2, Vsns)} of {[{One, _}], _} -> One; {_, {One, _}} -> One; _ -> unknown end,
    case {Shapes, lists:member(new, Shapes)} of
        {[], _} -> foreign(Subject, State);
        _ when Target =:= unknown -> {refused, {ambiguous_version, Asked, [V || {_, V} <- Vsns]}};
        {_, true} -> made(down, Sample, Target, State);
        {_, false} -> passed
    end.

foreign(#{sample := Sample, shapes := Shapes}, State) ->
    Speaks = live_models:refused(Sample, State),
    Known = [Shape || {_, Shape} <- Shapes],
    case Speaks of
        Tuple when is_tuple(Tuple), tuple_size(Tuple) > 0 ->
            Shape = {element(1, Tuple), tuple_size(Tuple)},
            case lists:keymember(element(1, Tuple), 1, Known) andalso not lists:member(Shape, Known) of
                true -> {refused, {unknown_shape, element(1, Tuple), tuple_size(Tuple)}};
                false -> passed
            end;
        _ -> passed
    end.

made(Way, Sample, Version, State) ->
    try {to, live_models:Way(Sample, Version, State)}
    catch error:_ -> raised
    end.

%% The versions that such a state may be of, with their vsns; `new` last.
of_shape(#{sample := Sample, vsns := Vsns, new_vsn := New, shapes := Shapes} = Subject, State) ->
    Whole = lists:member(Sample, [map_with_records, state_in_a_wrapper]),
    case Whole andalso foreign(Subject, State) of
        {refused, _} -> [];
        _ ->
            [Each || {Version, _} = Each <- Vsns, Whole orelse Sample =:= tuple_to_record orelse shaped(Version, Shapes, State)]
                ++ [{new, New} || live_models:of_new(Sample, State) =:= true orelse
                    live_models:of_new(Sample, State) =:= shape andalso shaped(new, Shapes, State)]
    end.

shaped(Version, Shapes, State) when is_tuple(State), tuple_size(State) > 0 ->
    lists:member({Version, {element(1, State), tuple_size(State)}}, Shapes);
shaped(_, _, _) -> false.

%% What the tried module answers, `{state, New}` for `{ok, …, New}`, and what its own function got.
called(#{module := Module, function := Function, arity := Arity, own := Own, state := At, vsn := VsnAt, extra := ExtraAt, thrown := Thrown}, Vsn, State, Extra) ->
    _ = erase(live_property),
    Places = maps:from_list([{At, State}, {VsnAt, Vsn}, {ExtraAt, Extra}]),
    Answer =
        try apply(Module, Function, [maps:get(N, Places, other) || N <- lists:seq(1, Arity)]) of
            {ok, New} -> {state, New};
            {ok, other, New} -> {state, New};
            Other -> Other
        catch
            throw:{ok, New} when Thrown -> {state, New};
            throw:{ok, other, New} when Thrown -> {state, New};
            Class:Why -> {raised, {Class, Why}}
        end,
    mailbox_emptied(),
    Seen = case erase(live_property) of
        undefined -> none;
        [All] -> {lists:nth(VsnAt, All), lists:nth(At, All), lists:nth(ExtraAt, All)};
        Several -> {called, length(Several)}
    end,
    case {Answer, Own} of
        {{raised, _}, _} -> Answer;
        _ -> {Answer, Seen}
    end.

mailbox_emptied() -> receive _ -> mailbox_emptied() after 0 -> ok end.

%% A place that a type reserves for one of OTP's containers holds none with insides that OTP never makes.
well_made(#{sample := containers}, {state, _, _, _, _, _, One, Other, _, _, _} = State) ->
    set(One) andalso set(Other) andalso lists:all(fun whole/1, tuple_to_list(State));
well_made(#{sample := nested_records}, State) when is_tuple(State) -> lists:all(fun whole/1, tuple_to_list(State));
well_made(_, _) -> true.

whole({In, Out}) when is_list(In), is_list(Out) -> proper(In) andalso proper(Out);
whole({N, Tree}) when is_integer(N), is_tuple(Tree) ->
    Ok = fun(F) -> try _ = F({N, Tree}), true catch error:_ -> false end end,
    Ok(fun gb_trees:to_list/1) orelse Ok(fun gb_sets:to_list/1);
whole(_) -> true.

set(Map) when is_map(Map) -> lists:all(fun(Value) -> Value =:= [] end, maps:values(Map));
set(_) -> true.

proper(List) -> try length(List) of _ -> true catch error:badarg -> false end.
