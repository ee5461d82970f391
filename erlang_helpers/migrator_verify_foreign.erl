%% States that are of no known version: which pass, and which must be refused.
-module(migrator_verify_foreign).

-export([facts/1, is_foreign/2, refusal/3, unsure/2, no_target/1, unknown_inside/3]).

%% What tells the states of the versions apart. `told`: whether the shape alone tells this version's states, the new one's,
%% and the one from the other.
-spec facts(migrator_verify_oracle:way()) -> map().
facts(#{plan := #{versions := Versions}, version := Version, new := {Root, Named}}) ->
    New = case migrator_verify_shape:resolved(Root, Named) of
              {record, _, Tag, Fields} -> {Tag, length(Fields) + 1};
              _ -> none
          end,
    Shapes = [shape(State) || #{state := State} <- Versions],
    Bare = not lists:member(none, [New | Shapes]),
    Own = shape(maps:get(state, Version)),
    Tags = lists:append([record_tags(State) || #{state := State} <- Versions]) ++ top_tags(Root, Named),
    #{tags => lists:usort(Tags), shapes => lists:usort([New | Shapes]), known => known([State || #{state := State} <- Versions], Root, Named), new => New, bare => Bare, vsns => [Vsn || #{vsn := Vsn} <- Versions],
      told => #{old => Bare andalso Own =/= New andalso length([Shape || Shape <- Shapes, Shape =:= Own]) =:= 1,
                new => Bare andalso not lists:member(New, Shapes),
                beside => Bare andalso Own =/= New}}.

shape({record, #{old_tag := Tag, fields := Fields}}) -> {Tag, length(Fields) + 1};
shape(_) -> none.

%% The shapes of all records that a state may be itself; `unknown` where it may be any tuple.
known(States, Root, Named) ->
    together([kept(State) || State <- States] ++ [top(Root, Named)]).

kept({record, _} = State) -> [shape(State)];
kept({by_hand, Kept, _, _}) -> kept_as(Kept);
kept({along, Kept, _, _}) -> kept_as(Kept).

kept_as(any) -> unknown;
kept_as({record, Name, Fields}) -> [{Name, length(Fields) + 1}];
kept_as({_, _, _, Fields} = Definition) -> [{Definition, length(Fields) + 1}];
kept_as({type, _, _, Places, _}) ->
    [{Tag, Size} || {[], _, Tag, Size, _} <- Places] ++ [{Definition, Size} || {[], _, _, Size, _, Definition} <- Places].

%% The tags of those that are declared records: a tuple that a type only spells out is refused in no size.
record_tags({record, #{old_tag := Tag}}) -> [Tag];
record_tags({_, {record, Name, _}, _, _}) -> [Name];
record_tags({_, {type, _, _, Places, _}, _, _}) -> [element(3, Place) || Place <- Places, element(1, Place) =:= [], element(5, Place) =:= record];
record_tags(_) -> [].

top_tags(Root, Named) ->
    case migrator_verify_shape:resolved(Root, Named) of
        {record, _, Tag, _} -> [Tag];
        {union, Members} -> lists:append([top_tags(Member, Named) || Member <- Members]);
        _ -> []
    end.

top(Root, Named) ->
    case migrator_verify_shape:resolved(Root, Named) of
        {record, _, Tag, Fields} -> [{Tag, length(Fields) + 1}];
        {union, Members} -> together([top(Member, Named) || Member <- Members]);
        {tuple, [{literal, Tag} | _] = Elements} -> [{Tag, length(Elements)}];
        {basic, tuple} -> unknown;
        any -> unknown;
        _ -> []
    end.

together(Sets) ->
    case lists:member(unknown, Sets) of
        true -> unknown;
        false -> lists:usort(lists:append(Sets))
    end.

%% Whether no version's states look like this.
-spec is_foreign(migrator_verify_oracle:way(), term()) -> boolean().
is_foreign(#{plan := #{versions := Versions}, states := #{shapes := Shapes, known := Known}, new := {Root, Named}} = Way, Term) ->
    Told = together([Shapes, case Known of unknown -> []; _ -> Known end]),
    not migrator_verify_shape:accepts(Root, Term, Named)
        andalso not lists:member(migrator_verify_record:shape(Term), Told -- [none])
        andalso lists:all(fun(#{state := State} = Version) -> is_foreign(State, Way#{version := Version}, Term) end, Versions).

is_foreign({record, Record}, _, Term) -> not migrator_verify_oracle:is_old(Record, Term);
is_foreign({by_hand, Kept, _, _}, _, Term) -> not is_kept(Kept, Term);
is_foreign({along, Kept, _, _}, Way, Term) -> not is_kept(Kept, Term) andalso migrator_verify_oracle:up(Way, Term) =:= {walked, Term}.

%% Whether a guard takes the term for what that version keeps.
is_kept(any, _) -> true;
is_kept({record, Name, Fields}, Term) -> is_tuple(Term) andalso tuple_size(Term) =:= length(Fields) + 1 andalso element(1, Term) =:= Name;
is_kept({_, _, _, _} = Definition, Term) -> migrator_verify_record:is(Term, Definition, 0);
is_kept({type, _, Alternatives, _, _}, Term) ->
    lists:any(fun(Tests) -> lists:all(fun(Test) -> holds(Test, Term) end, Tests) end, Alternatives).

holds({_, only, _}, _) -> true;
holds({[], native, [_, _, Definition]}, Term) ->
    {Module, Name, IsExported, Fields} = literal(Definition),
    migrator_verify_record:is(Term, {Module, Name, case IsExported of true -> exported; false -> private end, Fields}, 0);
holds({Path, What, Values}, Term) ->
    try test(What, Values, lists:foldl(fun step/2, Term, Path)) catch error:_ -> false end.

step({element, At}, Term) -> element(literal(At), Term);
step({key, Key}, Term) -> maps:get(literal(Key), Term).

test(size, [Size], Term) -> tuple_size(Term) =:= literal(Size);
test(equal, [Literal], Term) -> Term =:= literal(Literal);
test(native, [Module, Name, _], Term) ->
    {In, Called, _, _} = migrator_verify_record:definition(Term),
    {In, Called} =:= {literal(Module), literal(Name)};
test(has, [Key], Term) -> is_map_key(literal(Key), Term);
test(lacks, [Key], Term) -> not is_map_key(literal(Key), Term);
test(is, [Kind], Term) -> erlang:(binary_to_existing_atom(<<"is_", Kind/binary>>, utf8))(Term).

literal(Text) ->
    {constant, Term} = migrator_verify_text:expression(Text, #{}),
    Term.

%% What becomes of a tuple with a record's tag: it is refused, unless a clause of the module's own has a pattern for it.
-spec refusal(migrator_verify_oracle:way(), up | down, term()) -> none | passes | {fun((term()) -> boolean()), Shown :: binary()}.
refusal(#{exempt := {Up, Down}, states := #{known := Shapes, tags := Tags}}, Direction, Term) when Shapes =/= unknown, is_tuple(Term), tuple_size(Term) > 0 ->
    Tag = element(1, Term),
    Size = tuple_size(Term),
    Exempt = case Direction of up -> Up; down -> Down end,
    case [Known || {Each, Known} <- Shapes, Each =:= Tag, lists:member(Tag, Tags)] of
        [] -> none;
        Sizes ->
            case lists:member(Size, Sizes) of
                true -> none;
                false ->
                    case lists:member({{tag, Tag}, Size}, Exempt) orelse lists:member({any, Size}, Exempt) of
                        true -> passes;
                        false -> {fun(Reason) -> Reason =:= {unknown_shape, Tag, Size} end,
                                  migrator_verify_text:term({error, {state_migration, {unknown_shape, Tag, Size}}})}
                    end
            end
    end;
refusal(#{states := #{known := [_ | _] = Shapes}} = Way, Direction, Term) ->
    case migrator_verify_record:is_native(Term) of
        true -> native_refusal(named(Way, Direction), [Known || {{_, _, _, _} = Known, _} <- Shapes], migrator_verify_record:definition(Term));
        false -> none
    end;
refusal(_, _, _) ->
    none.

%% The records and fields that clauses of the module's own name.
named(#{fields := {Up, _}}, up) -> Up;
named(#{fields := {_, Down}}, down) -> Down.

native_refusal(Named, Definitions, {Module, Name, _, Fields} = Definition) ->
    case [Known || {In, Called, _, _} = Known <- Definitions, {In, Called} =:= {Module, Name}] of
        [] -> none;
        Known ->
            %% A clause of the module's own that names a field which no version has is meant for such a one.
            Meant = [Wanted || {Called, Wanted} <- Named, Called =:= Name, Wanted -- Fields =:= [],
                               lists:all(fun({_, _, _, Has}) -> Wanted -- Has =/= [] end, Known)],
            case {lists:member(Definition, Known), Meant} of
                {true, _} -> none;
                {false, [_ | _]} -> passes;
                {false, []} -> {fun(Reason) -> Reason =:= {unknown_shape, Name, Fields} end,
                                migrator_verify_text:term({error, {state_migration, {unknown_shape, Name, Fields}}})}
            end
    end.

%% The state with a record of a size that no version has, at each place where the states' types name that record; and the refusal of it.
-spec unknown_inside(migrator_verify_oracle:way(), up | down, term()) -> [{term(), fun((term()) -> boolean()), Shown :: binary()}].
unknown_inside(#{plan := #{versions := Versions}, old := {_, #{records := Old}}, new := {_, #{records := New}}, inside := {_, _} = Inside} = Way, Direction, State) ->
    Kept = [Places || #{state := {along, {type, _, _, Places, _}, _, _}} <- Versions],
    case length(Kept) =:= length(Versions) of
        true ->
            Places = lists:usort(lists:append(Kept)),
            Declared = [{Tag, length(Fields) + 1} || {record, _, Tag, Fields} <- maps:values(Old) ++ maps:values(New)],
            lists:append([unknown_at(Place, Places, Declared, exempt(Path, Direction, Inside, Way), State) || {Path, _, _, _, record} = Place <- Places])
                ++ unknown_native(Way, Direction, State);
        false -> []
    end;
unknown_inside(_, _, _) ->
    [].

exempt([], up, _, #{exempt := {Up, _}}) -> Up;
exempt([], down, _, #{exempt := {_, Down}}) -> Down;
exempt(_, up, {Up, _}, _) -> Up;
exempt(_, down, {_, Down}, _) -> Down.

unknown_at({Path, Tests, Tag, _, _}, Places, Declared, Exempt, State) ->
    Size = 1 + lists:max([Size || {_, _, Each, Size, _} <- Places, Each =:= Tag] ++ [Size || {Each, Size} <- Declared, Each =:= Tag]
                         ++ [Size || {_, Size} <- Exempt]),
    Unknown = list_to_tuple([Tag | lists:duplicate(Size - 1, undefined)]),
    try
        true = Tag =:= element(1, lists:foldl(fun step/2, State, Path)),
        Changed = put_at(Path, Unknown, State),
        true = lists:all(fun(Test) -> holds(Test, Changed) end, Tests),
        [{Changed, fun(Reason) -> Reason =:= {unknown_shape, Tag, Size} end,
          migrator_verify_text:term({error, {state_migration, {unknown_shape, Tag, Size}}})}]
    catch
        error:_ -> []
    end.

%% With a field more, where the state as a whole is a native record.
unknown_native(Way, Direction, State) ->
    case migrator_verify_record:is_native(State) of
        true ->
            Unknown = migrator_verify_record:estranged(migrator_verify_record:definition(State), 1),
            Changed = migrator_verify_record:made(Unknown, migrator_verify_record:values(State) ++ [undefined]),
            case refusal(Way, Direction, Changed) of
                {IsReason, Shown} -> [{Changed, IsReason, Shown}];
                _ -> []
            end;
        false -> []
    end.

put_at([], New, _) -> New;
put_at([{element, At} | Path], New, Tuple) -> setelement(literal(At), Tuple, put_at(Path, New, element(literal(At), Tuple)));
put_at([{key, At} | Path], New, Map) -> maps:update(literal(At), put_at(Path, New, maps:get(literal(At), Map)), Map).

%% A refusal of an OldVsn that is none of a known version, where what the state means hangs on it alone.
-spec unsure(migrator_verify_oracle:way(), term()) -> none | {Vsn :: term(), fun((term()) -> boolean()), Shown :: binary()}.
unsure(#{plan := #{versions := Versions}, states := #{bare := true, new := New}, new_vsn := NewVsn} = Way, State) ->
    Shape = migrator_verify_record:shape(State),
    Same = [Version || #{state := Each} = Version <- Versions, shape(Each) =:= Shape],
    %% What lies inside tells one from the other where nothing else changed; what functions give may differ from one time to the next, and says nothing.
    Changed = [Version || #{state := {record, Record}, upgrade := generated} = Version <- Same, not migrator_verify_plan:in_place(Record)],
    Pure = lists:all(fun(Version) -> migrator_verify_oracle:pure(Version, up) end, Same),
    Ways = if
               Shape =:= New, Changed =/= [] -> [converted, passes];
               Shape =/= New, Pure -> lists:usort([meant(Way#{version := Version}, State) || Version <- Same]);
               true -> []
           end,
    case Ways of
        [_, _ | _] ->
            ambiguous(fun(Vsn) -> Vsn end, [Vsn || #{vsn := Vsn} <- Same] ++ [NewVsn || Shape =:= New], [NewVsn | [Vsn || #{vsn := Vsn} <- Versions]]);
        _ -> none
    end;
unsure(_, _) ->
    none.


%% The same for a downgrade to no known version, where several are known: any state of the new version is refused then.
-spec no_target(migrator_verify_oracle:way()) -> none | {Vsn :: term(), fun((term()) -> boolean()), Shown :: binary()}.
no_target(#{states := #{vsns := [_]}}) -> none;
no_target(#{states := #{vsns := Vsns}}) -> ambiguous(fun(Vsn) -> {down, Vsn} end, Vsns, Vsns).

ambiguous(OldVsn, Known, All) ->
    Vsn = OldVsn(unknown(All, "no version's")),
    {Vsn, fun({ambiguous_version, Told, Vsns}) -> Told =:= Vsn andalso lists:usort(Vsns) =:= lists:usort(Known); (_) -> false end,
     migrator_verify_text:term({error, {state_migration, {ambiguous_version, Vsn, Known}}})}.

meant(Way, State) ->
    case migrator_verify_oracle:up(Way, State) of
        passes -> State;
        {_, New} -> New
    end.

unknown(Vsns, Vsn) ->
    case lists:member(Vsn, Vsns) of
        true -> unknown(Vsns, Vsn ++ "'");
        false -> Vsn
    end.
