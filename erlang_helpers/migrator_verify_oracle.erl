%% What a state becomes, as the plan says it: the plan is followed step by step, and nothing that was generated is called. The functions that decisions
%% name are those of the module, since what they give is what the plan says.
-module(migrator_verify_oracle).

-export([up/2, down/2, is_old/2, pure/2]).

-export_type([way/0, result/0]).

%% One old version of a plan, and the module that is tried.
-type way() :: #{plan := migrator_verify_plan:plan(), version := migrator_verify_plan:version(), facts := map(), _ => _}.
%% `passes`: the conversion does not concern this state. `walked`: it comes out as it was where nothing inside changed. `failed`: a function of a decision
%% or a default raised; Reads are the fields that it read.
-type result() :: passes | {converted | walked, term()} | none
                | {failed, Record :: atom(), Field :: atom(), Reads :: [{From :: atom(), Field :: atom(), Value :: term()}] | missing, Text :: binary()}.

%% From the old version to the new one.
-spec up(way(), term()) -> result().
up(#{version := #{upgrade := handwritten}}, _) ->
    passes;
up(#{version := #{state := State}} = Way, Old) ->
    whole(State, up, Way, Old).

%% From the new version to the old one; `none` where no decision says how.
-spec down(way(), term()) -> result().
down(#{version := #{state := State}} = Way, New) ->
    whole(State, down, Way, New).

whole(State, Direction, Way, Value) ->
    try
        whole_state(State, Direction, Way, Value)
    catch
        throw:{failed, _, _, _, _} = Failed -> Failed
    end.

whole_state({record, Record}, Direction, Way, Value) ->
    case is(Record, Direction, Value) andalso not migrator_verify_plan:unchanged(Record) of
        true -> {converted, record(Record, Value, [], Direction, Way)};
        false -> passes
    end;
whole_state({along, _, Up, Down}, Direction, Way, Value) ->
    {walked, walked(case Direction of up -> Up; down -> Down end, Value, Direction, Way)};
whole_state({by_hand, _, _, none}, down, _, _) ->
    none;
whole_state({by_hand, _, Up, Down}, Direction, Way, Value) ->
    How = case Direction of up -> Up; down -> Down end,
    {converted, made(How, {none, none, {none, #{state => Value}}, []}, [state], Way)}.

%% Whether nothing but the plan itself is asked: no function, no expression.
-spec pure(migrator_verify_plan:version(), up | down) -> boolean().
pure(#{state := State} = Version, Direction) ->
    Whole = case State of
                {by_hand, _, Up, Down} -> constant(case Direction of up -> Up; down -> Down end);
                _ -> true
            end,
    Whole andalso lists:all(fun(Record) -> lists:all(fun({_, Source}) -> pure_source(Source) end, maps:get(Direction, Record)) end,
                            migrator_verify_plan:records(Version)).

pure_source({converted, _, How}) -> constant(How);
pure_source({Kind, How}) when Kind =:= given; Kind =:= default -> constant(How);
pure_source({filled, built, _, Handed, _}) -> lists:all(fun pure_source/1, Handed);
pure_source({filled, From, _, Handed, _}) -> lists:all(fun pure_source/1, [From | Handed]);
pure_source({taken, _, _, _, Otherwise}) -> pure_source(Otherwise);
pure_source(_) -> true.

constant({text, {constant, _}, _}) -> true;
constant(none) -> true;
constant(_) -> false.

%% Whether a value is one of the record, on the side that it comes from.
is(#{old_tag := Tag, fields := Fields}, up, Value) -> migrator_verify_record:is(Value, Tag, length(Fields) + 1);
is(#{new_tag := Tag, new_fields := Fields}, down, Value) -> migrator_verify_record:is(Value, Tag, length(Fields) + 1).

-spec is_old(migrator_verify_plan:rec(), term()) -> boolean().
is_old(Record, Value) ->
    is(Record, up, Value).

%% --- records ---

record(#{old := Old, old_tag := OldTag, new := New, new_tag := NewTag} = Record, Value, Handed, Direction, Way) ->
    {From, Names, Tag, Name} = case Direction of
                                   up -> {Old, maps:get(fields, Record), NewTag, New};
                                   down -> {New, maps:get(new_fields, Record), OldTag, Old}
                               end,
    Values = {From, maps:from_list(lists:zip(Names, migrator_verify_record:values(Value)))},
    migrator_verify_record:made(Tag, [source(Source, {Name, Field, Values, Handed}, Direction, Way) || {Field, Source} <- maps:get(Direction, Record)]).

source({Kind, Field}, {_, _, Values, _}, _, _) when Kind =:= copied; Kind =:= renamed ->
    value(Field, Values);
source({nested, Field, Walk}, {_, _, Values, _}, Direction, Way) ->
    walked(Walk, value(Field, Values), Direction, Way);
source({converted, Field, How}, Place, _, Way) ->
    made(How, Place, [Field], Way);
source({Kind, How}, Place, _, Way) when Kind =:= given; Kind =:= default ->
    made(How, Place, [], Way);
source({handed, Number}, {_, _, _, Handed}, _, _) ->
    lists:nth(Number + 1, Handed);
source({filled, From, Record, Sources, _}, {_, _, Values, _} = Place, Direction, Way) ->
    Handed = [source(Each, Place, Direction, Way) || Each <- Sources],
    filled(From, Record, Values, Handed, Place, Direction, Way);
source({taken, Field, Path, Walk, Otherwise}, {_, _, Values, _} = Place, Direction, #{version := Version} = Way) ->
    case at(Path, value(Field, Values), migrator_verify_plan:layouts(Version)) of
        {ok, Value} -> walked(Walk, Value, Direction, Way);
        none -> source(Otherwise, Place, Direction, Way)
    end.

value(Field, {_, Values}) ->
    maps:get(Field, Values).

%% A record with what moves into it: a new one, or the one that is there. What is no such record is converted as elsewhere.
filled(built, #{new := New, new_tag := Tag, up := Up}, Values, Handed, _, Direction, Way) ->
    migrator_verify_record:made(Tag, [source(Source, {New, Field, Values, Handed}, Direction, Way) || {Field, Source} <- Up]);
filled(From, Record, Values, Handed, Place, Direction, Way) ->
    {Bare, Rest} = case From of
                       {nested, Field, Walk} -> {value(Field, Values), Walk};
                       _ -> {source(From, Place, Direction, Way), {stay, #{}}}
                   end,
    case is(Record, Direction, Bare) of
        true -> record(Record, Bare, Handed, Direction, Way);
        false -> walked(Rest, Bare, Direction, Way)
    end.

%% What lies in a record in a record …
at([], Value, _) ->
    {ok, Value};
at([{Name, Field} | Path], Value, Layouts) ->
    {Tag, Fields} = maps:get(Name, Layouts),
    case migrator_verify_record:is(Value, Tag, length(Fields) + 1) of
        true -> at(Path, value(Field, {Name, maps:from_list(lists:zip(Fields, migrator_verify_record:values(Value)))}), Layouts);
        false -> none
    end.

walked(Walk, Value, Direction, #{version := #{nested := Nested}} = Way) ->
    By = case Direction of up -> old; down -> new end,
    Named = maps:from_list([{maps:get(By, Record), Record} || Record <- lists:reverse(Nested)]),
    Is = fun(Name, Inner) -> is(maps:get(Name, Named), Direction, Inner) end,
    Converted = fun(Name, Inner) -> record(maps:get(Name, Named), Inner, [], Direction, Way) end,
    migrator_verify_walk:value(Walk, Value, {Is, Converted}).

%% --- values ---

%% What a function or an expression gives: a function gets the field's value, if it is about one; with one argument more, all fields as a map.
made({function, Name, Arity}, {Record, Field, {_, All} = Values, _}, About, #{facts := #{module := Module} = Facts}) ->
    Given = [value(Each, Values) || Each <- About],
    {Arguments, Reads} = case length(Given) of
                             Arity -> {Given, About};
                             _ -> {Given ++ [All],
                                  lists:usort(About ++ migrator_verify_reads:of_function({Name, Arity}, maps:keys(All), Facts))}
                         end,
    tried(fun() -> apply(Module, Name, Arguments) end, Record, Field, read(Reads, Values));
made({text, Expression, Reads}, {Record, Field, Values, _}, _, _) ->
    Variables = [{Variable, value(Name, Values)} || {Variable, Name} <- Reads],
    tried(fun() -> migrator_verify_text:evaluate(Expression, Variables) end, Record, Field, read([Name || {_, Name} <- Reads], Values)).

read(Reads, {From, _} = Values) ->
    [{From, Field, value(Field, Values)} || Field <- Reads].

tried(Fun, Record, Field, Reads) ->
    migrator_verify_call:at({Record, Field}),
    try
        Fun()
    catch
        Class:Reason:Stack ->
            Text = migrator_verify_call:text(Class, Reason, Stack),
            case migrator_verify_call:is_missing(Class, Reason, Stack) of
                true -> throw({failed, Record, Field, missing, Text});
                false -> throw({failed, Record, Field, Reads, Text})
            end
    end.
