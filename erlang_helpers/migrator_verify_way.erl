%% All that is known of the way between one old version and the new one, and what is asked of it.
-module(migrator_verify_way).

-export([way/2, to/2, whole/2, source/4, is_loose/3, not_of_type/3, old_left/2, is_kept/3]).

%% Beyond what a busy machine may make of a call that takes a millisecond.
-define(MILLISECONDS, 3000).
-define(WORDS, 32 * 1024 * 1024).

%% From what was sent, and what is known of the module that is tried.
-spec way(map(), map()) -> migrator_verify_oracle:way().
way(#{plan := Term, from := From, old := OldGrammar, new := NewGrammar} = Subject, Facts) ->
    Defaults = maps:from_list([{{Record, Field}, Text} || {Record, Field, Text} <- maps:get(defaults, Subject, [])]),
    #{versions := Versions} = Plan = migrator_verify_plan:plan(Term, {Facts, Defaults}),
    Version = lists:nth(From + 1, Versions),
    Old = migrator_verify_shape:grammar(OldGrammar),
    New = migrator_verify_shape:grammar(NewGrammar),
    Records = migrator_verify_plan:records(Version),
    Way = #{plan => Plan, version => Version, facts => Facts, old => Old, new => New,
      limits => maps:get(limits, Subject, {?MILLISECONDS, ?WORDS}),
      mode => maps:get(mode, Subject, convert_first), new_vsn => maps:get(new_vsn, Subject), exempt => maps:get(exempt, Subject, {[], []}),
      fields => maps:get(fields, Subject, {[], []}),
      inside => maps:get(inside, Subject, none),
      record => state_record(Version, Plan),
      pure => #{up => migrator_verify_oracle:pure(Version, up), down => migrator_verify_oracle:pure(Version, down)},
      to => #{up => side(new, Records, New), down => side(old, Records, Old)},
      kinds => kinds(Records),
      decided => decided(Records, Facts),
      changed => changed(Version),
      natives => [] =/= [Tag || Tag <- maps:keys(tags(Versions, [Old, New])), is_tuple(Tag)],
      lossless => lossless(Records, case Version of #{state := {record, Record}} -> Record; _ -> none end, Subject),
      atoms => migrator_verify_make:atoms(tags(Versions, [Old, New])),
      sought => #{old => sought(old, Records, Old), new => sought(new, Records, New)}},
    Way#{states => migrator_verify_foreign:facts(Way)}.

%% The tags of all records: no other tuple that is made shall look like one.
tags(Versions, Grammars) ->
    Changed = [[Old, New] || Version <- Versions, #{old_tag := Old, new_tag := New} <- migrator_verify_plan:records(Version)],
    Declared = [Tag || {_, #{records := Records}} <- Grammars, {record, _, Tag, _} <- maps:values(Records)],
    Places = [Tag || #{state := State} <- Versions, {type, _, _, Places, _} <- [element(2, State)], Tag <- [element(3, Place) || Place <- Places]],
    maps:from_keys(lists:append(Changed) ++ Declared ++ Places, []).

%% For fields that are looked through to their depth, the shapes of the records that are looked for there.
sought(Side, Records, Grammar) ->
    {By, To} = case Side of old -> {old, up}; new -> {new, down} end,
    Pairs = [{Place, Names} || Record <- Records, {_, Source} <- maps:get(To, Record), {Place, Names} <- deep(maps:get(By, Record), Source)],
    Shape = fun(Name) -> case migrator_verify_shape:record(Name, Grammar) of none -> untyped(Name, Side, Records); Found -> Found end end,
    maps:from_list([{Place, [Shape(Name) || Name <- Names]} || {Place, Names} <- Pairs]).

deep(Record, {nested, Field, {{anywhere, Names}, _}}) -> [{{Record, Field}, Names}];
deep(Record, {filled, From, _, Handed, _}) -> lists:append([deep(Record, Source) || Source <- [From | Handed], From =/= built]);
deep(_, {taken, _, Path, {{anywhere, Names}, _}, _}) -> [{lists:last(Path), Names}];
deep(_, _) -> [].

untyped(Name, Side, Records) ->
    {By, Tag, Fields} = case Side of old -> {old, old_tag, fields}; new -> {new, new_tag, new_fields} end,
    [Record | _] = [Record || Record <- Records, maps:get(By, Record) =:= Name],
    {record, Name, maps:get(Tag, Record), [{Field, any} || Field <- maps:get(Fields, Record)]}.

state_record(#{state := {record, #{new := New}}}, _) -> New;
state_record(_, #{kept := {record, Name}}) -> Name;
state_record(_, _) -> none.

side(new, Records, Grammar) ->
    migrator_verify_compare:side([{New, Tag, Fields} || #{new := New, new_tag := Tag, new_fields := Fields} <- Records] ++ declared(Grammar));
side(old, Records, Grammar) ->
    migrator_verify_compare:side([{Old, Tag, Fields} || #{old := Old, old_tag := Tag, fields := Fields} <- Records] ++ declared(Grammar)).

declared({_, #{records := Records}}) ->
    [{Name, Tag, [Field || {Field, _} <- Fields]} || {record, Name, Tag, Fields} <- maps:values(Records)].

%% Old records that changed and that no new one looks like.
changed(#{upgrade := handwritten}) -> #{};
changed(#{nested := Nested} = Version) ->
    News = maps:keys(migrator_verify_compare:side([{New, Tag, Fields} || #{new := New, new_tag := Tag, new_fields := Fields}
                                                                             <- migrator_verify_plan:records(Version)])),
    maps:without(News, migrator_verify_compare:side([{Old, Tag, Fields} || #{old := Old, old_tag := Tag, fields := Fields} <- Nested])).

%% What sources are called in findings.
kinds(Records) ->
    maps:from_list([{{up, New, Field}, kind(Source)} || #{new := New, up := Up} <- Records, {Field, Source} <- Up]
                   ++ [{{down, Old, Field}, kind(Source)} || #{old := Old, down := Down} <- Records, {Field, Source} <- Down]).

kind(Source) when element(1, Source) =:= filled; element(1, Source) =:= taken; element(1, Source) =:= handed -> moved;
kind(Source) -> element(1, Source).

%% The fields whose values a decision's function or expression makes, with what it reads.
decided(Records, Facts) ->
    #{up => [{New, Field, reads(Source, Old, OldFields, Facts)}
             || #{new := New, old := Old, fields := OldFields, up := Up} <- Records, {Field, Source} <- Up, is_decided(Source)],
      down => [{Old, Field, reads(Source, New, NewFields, Facts)}
               || #{new := New, old := Old, new_fields := NewFields, down := Down} <- Records, {Field, Source} <- Down, is_decided(Source)]}.

is_decided({Kind, _, {text, {constant, _}, _}}) when Kind =:= converted -> false;
is_decided({converted, _, _}) -> true;
is_decided({given, {text, {constant, _}, _}}) -> false;
is_decided({given, _}) -> true;
is_decided(_) -> false.

reads({converted, Field, {function, _, 1}}, From, _, _) -> [{From, Field}];
reads({given, {function, _, 0}}, _, _, _) -> [];
reads({_, {text, _, Reads}}, From, _, _) -> [{From, Field} || {_, Field} <- Reads];
reads({_, _, {text, _, Reads}}, From, _, _) -> [{From, Field} || {_, Field} <- Reads];
reads({converted, Field, {function, Name, Arity}}, From, Fields, Facts) ->
    [{From, Each} || Each <- lists:usort([Field | migrator_verify_reads:of_function({Name, Arity}, Fields, Facts)])];
reads({given, {function, Name, Arity}}, From, Fields, Facts) ->
    [{From, Field} || Field <- migrator_verify_reads:of_function({Name, Arity}, Fields, Facts)];
reads(_, From, Fields, _) -> [{From, Field} || Field <- Fields].

%% --- what comes back ---

%% Fields that only go from here to there, and back; whether all do; and those of the state's own record that go as they are.
lossless(Records, Record, Subject) ->
    Old = [{Name, Field} || #{old := Name, up := Up, down := Down} = Each <- Records, {Field, Source} <- Down,
                            goes(Field, Source, Up) orelse (element(1, Source) =:= taken andalso lists:member(Field, migrator_verify_plan:moved_into(Each)))],
    New = [{Name, Field} || #{new := Name, up := Up, down := Down} <- Records, {Field, Source} <- Up, goes(Field, Source, Down)],
    #{down => #{fields => maps:from_keys(maps:get(lossless, Subject, Old), []),
                all => lists:sort(Old) =:= lists:sort([{Name, Field} || #{old := Name, fields := Fields} <- Records, Field <- Fields]),
                plain => maps:from_keys(plain(Record, Old, down), [])},
      up => #{fields => maps:from_keys(New, []),
              all => lists:sort(New) =:= lists:sort([{Name, Field} || #{new := Name, new_fields := Fields} <- Records, Field <- Fields]),
              plain => maps:from_keys(plain(Record, New, up), [])}}.

plain(none, _, _) -> [];
plain(#{up := Up, down := Down} = Record, Kept, Direction) ->
    {Name, Sources} = case Direction of down -> {maps:get(old, Record), Down}; up -> {maps:get(new, Record), Up} end,
    [{Name, Field} || {Field, {Kind, _}} <- Sources, Kind =:= copied orelse Kind =:= renamed, lists:member({Name, Field}, Kept)].

goes(Field, Source, Back) ->
    case is_way(Source) andalso lists:keyfind(element(2, Source), 1, Back) of
        {_, Other} -> is_way(Other) andalso element(2, Other) =:= Field;
        false -> false
    end.

is_way(Source) ->
    lists:member(element(1, Source), [copied, renamed, nested]).

%% Whether the plan says that the field comes back. Where something in the state does not, elements of a set or keys of a map may become one, and
%% lie in another order: then only what goes as it is says anything.
-spec is_kept(migrator_verify_oracle:way(), up | down, migrator_verify_compare:difference()) -> boolean().
is_kept(#{version := #{state := {by_hand, _, _, _}}}, _, _) -> false;
is_kept(#{lossless := Lossless}, Direction, {Place, _, _, _}) ->
    #{fields := Fields, all := All, plain := Plain} = maps:get(Direction, Lossless),
    case All of
        true -> Place =:= {none, none} orelse is_map_key(Place, Fields);
        false -> is_map_key(Place, Plain) andalso is_map_key(Place, Fields)
    end.

%% --- what is asked ---

%% The records that come out in that direction.
-spec to(migrator_verify_oracle:way(), up | down | again | foreign) -> migrator_verify_compare:side().
to(#{to := To}, down) -> maps:get(down, To);
to(#{to := To}, _) -> maps:get(up, To).

%% What is wrong where the state as a whole is.
-spec whole(migrator_verify_oracle:way(), atom()) -> shape | state.
whole(#{record := none}, _) -> state;
whole(_, _) -> shape.

-spec source(migrator_verify_oracle:way(), atom(), atom(), atom()) -> atom().
source(#{kinds := Kinds}, Direction, Record, Field) ->
    maps:get({Direction, Record, Field}, Kinds, state).

%% Whether one of these fields, of the records that are read in that direction, may hold any term.
-spec is_loose(migrator_verify_oracle:way(), up | down, [{atom(), atom()}]) -> boolean().
is_loose(Way, Direction, Reads) ->
    {Root, Named} = Grammar = maps:get(case Direction of up -> old; down -> new end, Way),
    lists:any(fun({none, _}) -> migrator_verify_shape:is_loose(Root, Named);
                 ({Record, Field}) -> migrator_verify_shape:is_loose(migrator_verify_shape:field(Record, Field, Grammar), Named)
              end, Reads).

%% The findings for what functions and expressions made that is not of its field's type; also for what comes out otherwise each time.
-spec not_of_type(migrator_verify_oracle:way(), up | down, term()) -> [migrator_verify_judge:finding()].
not_of_type(#{decided := Decided} = Way, Direction, Got) ->
    Asked = maps:get(Direction, Decided) ++ [{Record, Field, []} || {Record, Field} <- migrator_verify_tally:masked()],
    case Asked of
        [] -> [];
        _ ->
            {_, Named} = Grammar = maps:get(case Direction of up -> new; down -> old end, Way),
            Side = to(Way, Direction),
            lists:append([wrong_type(Way, Direction, {Record, Field, Reads}, lists:nth(at(Field, Fields, 1), migrator_verify_record:values(Value)), {Grammar, Named})
                          || {Record, Value} <- migrator_verify_compare:records_in(Got, Side),
                             {Fielded, Field, Reads} <- Asked, Fielded =:= Record,
                             {_, Fields} <- [maps:get(migrator_verify_record:shape(Value), Side)], lists:member(Field, Fields)])
    end.

at(Field, [Field | _], N) -> N;
at(Field, [_ | Fields], N) -> at(Field, Fields, N + 1).

wrong_type(Way, Direction, {Record, Field, Reads}, Value, {Grammar, Named}) ->
    case migrator_verify_shape:accepts(migrator_verify_shape:field(Record, Field, Grammar), Value, Named) of
        true ->
            [];
        false ->
            case is_loose(Way, Direction, Reads) of
                true -> migrator_verify_tally:note({not_of_type, Record, Field}, migrator_verify_text:term(Value)), [];
                false -> [{type, Direction, Record, Field, {text, <<"a value of its type">>}, Value, []}]
            end
    end.

%% The findings for records inside that have an old version's shape still, where no type allows it.
-spec old_left(migrator_verify_oracle:way(), term()) -> [migrator_verify_judge:finding()].
old_left(#{changed := Changed}, _) when map_size(Changed) =:= 0 -> [];
old_left(#{changed := Changed, new := {Root, Named} = Grammar, record := Record} = Way, Got) ->
    Parts = case maps:get(migrator_verify_record:shape(Got), to(Way, up), none) of
                {Record, Fields} -> [{Field, migrator_verify_shape:field(Record, Field, Grammar), Value}
                                     || {Field, Value} <- lists:zip(Fields, migrator_verify_record:values(Got))];
                _ -> [{none, Root, Got}]
            end,
    lists:append([[{old_left, up, Name, none, {text, <<"no record of the old version">>}, Left, []}
                   || {Name, Left} <- lists:sublist(migrator_verify_compare:records_in(Value, Changed), 1),
                      migrator_verify_shape:is_loose(Shape, Named) orelse not migrator_verify_shape:accepts(Shape, Value, Named)]
                  || {_, Shape, Value} <- Parts]).
