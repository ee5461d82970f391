%% The plan of a migration, out of the term that a beam carries of it (migrated.py and walkterms.py say what that looks like), ready to be followed: texts
%% are parsed, records are looked up by their names.
-module(migrator_verify_plan).

-export([plan/2, moved_into/1, in_place/1, unchanged/1, records/1, layouts/1]).

-export_type([plan/0, version/0, rec/0, source/0, way/0]).

-type plan() :: #{versions := [version()], kept := {record | type, atom()}}.
-type version() :: #{vsn := term(), state := state(), nested := [rec()], upgrade := generated | handwritten}.
-type state() :: {record, rec()} | {along, Kept :: term(), Up :: way(), Down :: way()} | {by_hand, Kept :: term(), Up :: value(), Down :: value() | none}.
-type rec() :: #{old := atom(), new := atom(), old_tag := migrator_verify_record:tag(), new_tag := migrator_verify_record:tag(), fields := [atom()], new_fields := [atom()],
                 up := [{atom(), source()}], down := [{atom(), source()}]}.
-type way() :: {Walk :: term(), Named :: #{binary() => term()}}.
%% What gives a value: a function of the module, or an expression with the fields that its variables stand for.
-type value() :: {function, atom(), arity()} | {text, migrator_verify_text:expression(), [{atom(), atom()}]}.
-type source() :: {copied | renamed, atom()} | {nested, atom(), way()} | {converted, atom(), value()} | {given | default, value()}
                | {handed, non_neg_integer()} | {filled, built | source(), rec(), [source()], certain | uncertain}
                | {taken, atom(), [{atom(), atom()}], way(), source()}.

%% Facts are those of the module that is tried; Defaults go before the texts of new records' defaults.
-spec plan(term(), {map(), #{{atom(), atom()} => binary()}}) -> plan().
plan(Term, With) ->
    Kept = case {proplists:get_value(record, pairs(Term)), proplists:get_value(type, pairs(Term))} of
               {undefined, Type} -> {type, Type};
               {Record, _} -> {record, Record}
           end,
    #{kept => Kept, versions => [version(From, With) || From <- Term, element(1, From) =:= from]}.

pairs(Term) ->
    [Pair || {_, _} = Pair <- Term].

version({from, Vsn, State, Nested, Upgrade}, With) ->
    #{vsn => Vsn, state => state(State, With), nested => [record(Each, With) || Each <- Nested], upgrade => Upgrade}.

%% A record may be called as these words are: then a name stands where they have a term.
state({along_type, Old, Up, UpNamed, Down, DownNamed}, _) when is_tuple(Old) ->
    {along, Old, way(Up, UpNamed), way(Down, DownNamed)};
state({by_hand, Old, Up, Down}, With) ->
    {by_hand, Old, whole(Up, With), whole(Down, With)};
state(Record, With) ->
    {record, record(Record, With)}.

whole(none, _) -> none;
whole({Text, Variables}, With) when is_binary(Text) -> {text, parsed(Text, With), [{variable(Each), state} || Each <- Variables]};
whole({Name, Arity}, _) -> {function, Name, Arity}.

record(Term, With) ->
    [Old, New, Fields, Up, _, Down | More] = tuple_to_list(Term),
    {OldTag, NewTag} = tags(More, {Old, New}),
    #{old => Old, new => New, old_tag => OldTag, new_tag => NewTag, fields => Fields, new_fields => [Field || {Field, _} <- Up],
      up => [{Field, source(Source, {New, Field}, With)} || {Field, Source} <- Up],
      down => [{Field, source(Source, none, With)} || {Field, Source} <- Down]}.

%% What tells the values of the old record and the new one.
tags([{foreign, _, Old, New} | More], _) -> tags(More, {Old, New});
tags([{native, Old, New}], {OldTag, NewTag}) -> {tag(Old, OldTag), tag(New, NewTag)};
tags([], Tags) -> Tags.

tag(none, Tag) -> Tag;
tag(Definition, _) -> Definition.

source({copy, Field}, _, _) -> {copied, Field};
source({rename, Field}, _, _) -> {renamed, Field};
source({convert, Field, How}, _, With) -> {converted, Field, value(How, With)};
source({nested, Field, Walk, Named}, _, _) -> {nested, Field, way(Walk, Named)};
source({init, How}, _, With) -> {given, value(How, With)};
source({init, Text, _}, _, With) -> {given, {text, parsed(Text, With), []}};
source({default, Text}, Place, {_, Defaults} = With) -> {default, {text, parsed(maps:get(Place, Defaults, Text), With), []}};
source({handed, Number, _}, _, _) -> {handed, Number};
source({filled, Kept, Record, Handed, Certain}, Place, With) ->
    From = case Kept of built -> built; _ -> source(Kept, Place, With) end,
    {filled, From, record(Record, With), [source(Each, none, With) || Each <- Handed], Certain};
source({taken, Field, Path, Walk, Named, Otherwise}, _, With) ->
    {taken, Field, Path, way(Walk, Named), source(Otherwise, none, With)}.

value({Text, Reads}, With) when is_binary(Text) -> {text, parsed(Text, With), [{variable(Name), Field} || {Name, Field} <- Reads]};
value({Name, Arity}, _) -> {function, Name, Arity}.

variable(Name) -> binary_to_atom(Name, utf8).

parsed(Text, {Facts, _}) -> migrator_verify_text:expression(Text, Facts).

way(Walk, Named) ->
    {walk(Walk), maps:from_list([{Name, walk(Each)} || {Name, Each} <- Named])}.

walk({only, Text}) -> {only, literal(Text)};
walk({list, Element, Tail}) -> {list, walk(Element), walk(Tail)};
walk({tuple, Elements}) -> {tuple, [walk(Each) || Each <- Elements]};
walk({map, Known, Key, Value}) -> {map, [{literal(Text), walk(Each)} || {Text, Each} <- Known], walk(Key), walk(Value)};
walk({any_of, Members}) -> {any_of, [walk(Each) || Each <- Members]};
walk({Kind, Key, Value}) -> {Kind, walk(Key), walk(Value)};
walk(Other) -> Other.

literal(Text) ->
    {constant, Term} = migrator_verify_text:expression(Text, #{}),
    Term.

%% --- of records ---

%% Each field keeps its element of the tuple, whatever is converted inside it.
-spec in_place(rec()) -> boolean().
in_place(#{old_tag := Tag, new_tag := Tag, fields := Fields, up := Up}) when length(Fields) =:= length(Up) ->
    lists:all(fun({Old, {_, Source}}) -> lists:member(element(1, Source), [copied, renamed, nested]) andalso element(2, Source) =:= Old end,
              lists:zip(Fields, Up));
in_place(_) ->
    false.

%% An old tuple is a new one as it is.
-spec unchanged(rec()) -> boolean().
unchanged(#{up := Up} = Record) ->
    in_place(Record) andalso lists:all(fun({_, Source}) -> element(1, Source) =/= nested end, Up).

%% All of a version, those too into which values move.
-spec records(version()) -> [rec()].
records(#{state := State, nested := Nested}) ->
    Outer = case State of {record, Record} -> [Record | Nested]; _ -> Nested end,
    lists:append([[Record | filled(Record)] || Record <- Outer]).

filled(#{up := Up}) ->
    lists:append([[Record | filled(Record)] || {_, {filled, _, Record, _, _}} <- Up]).

%% Tag and fields of new records, by their names.
-spec layouts(version()) -> #{atom() => {migrator_verify_record:tag(), [atom()]}}.
layouts(Version) ->
    maps:from_list([{New, {Tag, Fields}} || #{new := New, new_tag := Tag, new_fields := Fields} <- records(Version)]).

%% The fields of an old record that move into another one for certain.
-spec moved_into(rec()) -> [atom()].
moved_into(#{up := Up}) ->
    lists:append([[element(2, Each) || Each <- Handed, lists:member(element(1, Each), [copied, renamed, nested])]
                  || {_, {filled, _, _, Handed, certain}} <- Up]).
