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
    #{shapes => lists:usort([New | Shapes]), new => New, bare => Bare, vsns => [Vsn || #{vsn := Vsn} <- Versions],
      told => #{old => Bare andalso Own =/= New andalso length([Shape || Shape <- Shapes, Shape =:= Own]) =:= 1,
                new => Bare andalso not lists:member(New, Shapes),
                beside => Bare andalso Own =/= New}}.

shape({record, #{old_tag := Tag, fields := Fields}}) -> {Tag, length(Fields) + 1};
shape(_) -> none.

%% Whether no version's states look like this.
-spec is_foreign(migrator_verify_oracle:way(), term()) -> boolean().
is_foreign(#{plan := #{versions := Versions}, states := #{shapes := Shapes}, new := {Root, Named}} = Way, Term) ->
    not migrator_verify_shape:accepts(Root, Term, Named)
        andalso not (is_tuple(Term) andalso tuple_size(Term) > 0 andalso lists:member({element(1, Term), tuple_size(Term)}, Shapes))
        andalso lists:all(fun(#{state := State} = Version) -> is_foreign(State, Way#{version := Version}, Term) end, Versions).

is_foreign({record, Record}, _, Term) -> not migrator_verify_oracle:is_old(Record, Term);
is_foreign({by_hand, Kept, _, _}, _, Term) -> not is_kept(Kept, Term);
is_foreign({along, Kept, _, _}, Way, Term) -> not is_kept(Kept, Term) andalso migrator_verify_oracle:up(Way, Term) =:= {walked, Term}.

%% Whether a guard takes the term for what that version keeps.
is_kept(any, _) -> true;
is_kept({record, Name, Fields}, Term) -> is_tuple(Term) andalso tuple_size(Term) =:= length(Fields) + 1 andalso element(1, Term) =:= Name;
is_kept({type, _, Alternatives, _, _}, Term) ->
    lists:any(fun(Tests) -> lists:all(fun(Test) -> holds(Test, Term) end, Tests) end, Alternatives).

holds({_, only, _}, _) -> true;
holds({Path, What, Values}, Term) ->
    try test(What, Values, lists:foldl(fun step/2, Term, Path)) catch error:_ -> false end.

step({element, At}, Term) -> element(literal(At), Term);
step({key, Key}, Term) -> maps:get(literal(Key), Term).

test(size, [Size], Term) -> tuple_size(Term) =:= literal(Size);
test(equal, [Literal], Term) -> Term =:= literal(Literal);
test(has, [Key], Term) -> is_map_key(literal(Key), Term);
test(lacks, [Key], Term) -> not is_map_key(literal(Key), Term);
test(is, [Kind], Term) -> erlang:(binary_to_existing_atom(<<"is_", Kind/binary>>, utf8))(Term).

literal(Text) ->
    {constant, Term} = migrator_verify_text:expression(Text, #{}),
    Term.

%% What becomes of a tuple with a record's tag: it is refused, unless a clause of the module's own has a pattern for it.
-spec refusal(migrator_verify_oracle:way(), up | down, term()) -> none | passes | {fun((term()) -> boolean()), Shown :: binary()}.
refusal(#{exempt := {Up, Down}, states := #{bare := true, shapes := Shapes}}, Direction, Term) when is_tuple(Term), tuple_size(Term) > 0 ->
    Tag = element(1, Term),
    Size = tuple_size(Term),
    Exempt = case Direction of up -> Up; down -> Down end,
    case [Known || {Each, Known} <- Shapes, Each =:= Tag] of
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
refusal(_, _, _) ->
    none.

%% The state with a record of a size that no version has, at each place where the states' types name that record; and the refusal of it.
-spec unknown_inside(migrator_verify_oracle:way(), up | down, term()) -> [{term(), fun((term()) -> boolean()), Shown :: binary()}].
unknown_inside(#{plan := #{versions := Versions}, old := {_, #{records := Old}}, new := {_, #{records := New}}, inside := {_, _} = Inside} = Way, Direction, State) ->
    Kept = [Places || #{state := {along, {type, _, _, Places, _}, _, _}} <- Versions],
    case length(Kept) =:= length(Versions) of
        true ->
            Places = lists:usort(lists:append(Kept)),
            Declared = [{Tag, length(Fields) + 1} || {record, _, Tag, Fields} <- maps:values(Old) ++ maps:values(New)],
            lists:append([unknown_at(Place, Places, Declared, exempt(Path, Direction, Inside, Way), State) || {Path, _, _, _, record} = Place <- Places]);
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

put_at([], New, _) -> New;
put_at([{element, At} | Path], New, Tuple) -> setelement(literal(At), Tuple, put_at(Path, New, element(literal(At), Tuple)));
put_at([{key, At} | Path], New, Map) -> maps:update(literal(At), put_at(Path, New, maps:get(literal(At), Map)), Map).

%% A refusal of an OldVsn that is none of a known version, where what the state means hangs on it alone.
-spec unsure(migrator_verify_oracle:way(), term()) -> none | {Vsn :: term(), fun((term()) -> boolean()), Shown :: binary()}.
unsure(#{plan := #{versions := Versions}, states := #{bare := true, new := New}, new_vsn := NewVsn} = Way, State) when is_tuple(State), tuple_size(State) > 0 ->
    Shape = {element(1, State), tuple_size(State)},
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
