%% Walks through the functions of a module and notes what they do with the fields of some records. Every function is looked
%% at once, in terms of its arguments; what it does with these its callers see too.
-module(migrator_walk).

-export([new/4, function/2, value/2, unknown_callers/1]).

-record(walk, {module, imports, functions, records, where, function = none, env = #{}, facts = #{}, done = #{}, open = #{}}).

%% A function that does more with its arguments than this is not followed into its callers.
-define(MOST_CARRIED, 500).
%% What makes records without their syntax.
-define(BUILDERS, [list_to_tuple, setelement, append_element, make_tuple]).

%% Records: those whose fields are looked at, as migrator_records:defaults/1 gives them.
-spec new(module(), #{}, #{}, #{}) -> #walk{}.
new(Module, Imports, Functions, Records) ->
    #walk{module = Module, imports = Imports, functions = Functions, records = Records, where = migrator_places:new(Records)}.

%% The functions whose callers are not all known, so that their arguments are not, as keys.
unknown_callers(#walk{open = Open}) -> Open.

%% The origins of an expression that stands in no function.
value(Expr, Walk) ->
    {Origins, _} = expr(Expr, Walk#walk{records = #{}}),
    Origins.

%% --- functions ---

%% {Facts, Origins of what it gives}, in terms of its arguments.
function(Name, #walk{done = Done, functions = Functions} = Walk) ->
    case Done of
        #{Name := open} -> {{[], migrator_origins:unknown()}, escaped(Name, Walk)};
        #{Name := Known} -> {Known, Walk};
        #{} -> entered(Name, maps:get(Name, Functions), Walk)
    end.

entered({_, Arity} = Name, Clauses, #walk{done = Done, where = Where} = Walk) ->
    Args = [migrator_origins:is({param, Name, I}) || I <- lists:seq(1, Arity)],
    Inside = Walk#walk{function = Name, env = #{}, facts = #{}, done = Done#{Name => open}, where = migrator_places:function(Where)},
    {Values, #walk{facts = Facts} = After} = clauses(Clauses, Args, Inside),
    Known = {[Fact || {_, Fact} <- lists:sort([{N, Fact} || {Fact, N} <- maps:to_list(Facts)])], Values},
    #walk{function = Function, env = Env, facts = Outer} = Walk,
    {Known, After#walk{function = Function, env = Env, facts = Outer, where = Where, done = (After#walk.done)#{Name := Known}}}.

%% Who calls it with what is not known.
escaped(Name, #walk{open = Open} = Walk) -> Walk#walk{open = Open#{Name => true}}.

%% What the caller sees of the facts of the function that it gives Args.
carried(Name, Args, Facts, Walk) ->
    Carried = [New || Fact <- Facts, New <- carry(Fact, Name, Args)],
    case length(Carried) > ?MOST_CARRIED of
        true -> escaped(Name, Walk);
        false -> lists:foldl(fun fact/2, Walk, Carried)
    end.

carry({given, Record, Field, Function, Line, Origins}, Name, Args) ->
    Given = [Origin || {_, {param, Called, _}} = Origin <- migrator_origins:fields_and_params(Origins), Called =:= Name],
    [{given, Record, Field, Function, Line, migrator_origins:substitute(Given, Name, Args)} || Given =/= []];
carry({Kind, {_, {param, Name, _}} = Origin, Function, Line, What}, Name, Args) when Kind =:= passed; Kind =:= seen_as ->
    [{Kind, Found, Function, Line, What}
     || Found <- migrator_origins:fields_and_params(migrator_origins:substitute([Origin], Name, Args))];
carry(_, _, _) -> [].

fact(Fact, #walk{facts = Facts} = Walk) when is_map_key(Fact, Facts) -> Walk;
fact(Fact, #walk{facts = Facts} = Walk) -> Walk#walk{facts = Facts#{Fact => map_size(Facts)}}.

%% --- clauses and patterns ---

clauses(Clauses, Args, #walk{env = Env, where = Where} = Walk0) ->
    lists:foldl(fun({clause, _, Head, Guards, Body}, {Values, Walk}) ->
        Entered = Walk#walk{env = Env, where = migrator_places:clause(Head, Guards, Where)},
        Bound = bind_all(Head, Args, Entered),
        {_, Guarded} = exprs(lists:append(Guards), Bound),
        {Result, After} = sequence(Body, Guarded),
        {migrator_origins:union(Result, Values), After#walk{env = merge(After#walk.env, Walk#walk.env), where = Where}}
    end, {[], Walk0}, Clauses).

merge(Env, Other) ->
    maps:merge_with(fun(_, One, Two) -> migrator_origins:union(One, Two) end, Env, Other).

%% Clauses of a fun: the variables of its heads are its own.
fun_clauses(Clauses, Arg, #walk{env = Env} = Walk) ->
    {Values, Done} = lists:foldl(fun({clause, _, Head, _, _} = Clause, {Values, Acc}) ->
        Hidden = maps:without(migrator_expr:pattern_variables(Head), Env),
        {Result, After} = clauses([Clause], [Arg || _ <- Head], Acc#walk{env = Hidden}),
        {migrator_origins:union(Result, Values), After}
    end, {[], Walk}, Clauses),
    {Values, Done#walk{env = Env}}.

sequence(Exprs, #walk{where = Where} = Walk) ->
    {Values, After} = lists:foldl(fun(Expr, {_, Acc}) ->
        expr(Expr, Acc#walk{where = migrator_places:statement(Expr, Where)})
    end, {[], Walk}, Exprs),
    {Values, After#walk{where = Where}}.

bind_all(Patterns, Args, Walk) ->
    {Bound, _} = lists:foldl(fun(Pattern, {Acc, I}) -> {bind_at({argument, I}, Pattern, nth(I, Args), Acc), I + 1} end, {Walk, 1}, Patterns),
    Bound.

nth(I, Args) when I =< length(Args) -> lists:nth(I, Args);
nth(_, _) -> migrator_origins:unknown().

bind_at(Step, Pattern, Origins, #walk{where = Where} = Walk) ->
    Bound = bind(Pattern, Origins, Walk#walk{where = migrator_places:step(Step, Where)}),
    Bound#walk{where = Where}.

bind({var, _, '_'}, _, Walk) -> Walk;
bind({var, _, Name} = Var, Origins, #walk{env = Env} = Walk) when is_map_key(Name, Env) ->
    %% Bound already: the value is compared with it.
    {Known, Used} = expr(Var, Walk),
    Used#walk{env = Env#{Name := migrator_origins:union(Known, Origins)}};
bind({var, _, Name}, Origins, #walk{env = Env} = Walk) ->
    Walk#walk{env = Env#{Name => Origins}};
bind({match, _, Left, Right}, Origins, Walk) -> bind(Right, Origins, bind(Left, Origins, Walk));
bind({tuple, _, [{atom, _, old_state}, Pattern]}, _, Walk) -> bind(Pattern, migrator_origins:old_state(), Walk);
bind({tuple, _, Patterns}, Origins, Walk) ->
    Size = length(Patterns),
    {Bound, _} = lists:foldl(fun(Pattern, {Acc, I}) ->
        {bind_at({element, I, Size, tag(Patterns)}, Pattern, migrator_origins:element(I, Size, Origins), Acc), I + 1}
    end, {Walk, 1}, Patterns),
    Bound;
bind({record, Anno, Name, Fields}, Origins, Walk) ->
    lists:foldl(fun({record_field, _, Field, Pattern}, Acc) -> bind_field(Anno, Name, Field, Pattern, Acc) end,
                seen_as(Name, Anno, Origins, Walk), Fields);
bind({cons, _, Head, Tail}, Origins, Walk) ->
    Inside = migrator_origins:inside(Origins),
    bind_at(tail, Tail, migrator_origins:union(Inside, list_of(Origins)), bind_at(head, Head, Inside, Walk));
bind({map, _, Fields}, Origins, Walk) ->
    lists:foldl(fun({_, _, Key, Pattern}, Acc) ->
        {_, Keyed} = at(key, Key, Acc),
        bind_at(map_value, Pattern, migrator_origins:inside(Origins), Keyed)
    end, Walk, Fields);
bind({bin, _, Elements}, _, Walk) ->
    lists:foldl(fun({bin_element, _, Pattern, _, _}, Acc) -> bind(Pattern, migrator_origins:plain(), Acc) end, Walk, Elements);
bind({op, _, '++', _, Pattern}, Origins, Walk) -> bind(Pattern, Origins, Walk);
bind(_, _, Walk) -> Walk.

%% The tail of a list is one, too.
list_of(Origins) -> [Origin || {_, Kind} = Origin <- Origins, Kind =/= plain, not (is_tuple(Kind) andalso element(1, Kind) =:= tuple)].

bind_field(_, Name, {atom, Anno, Field}, Pattern, #walk{records = Records} = Walk) ->
    Placed = place(pattern, Name, Field, Anno, Pattern, Walk),
    bind_at({field, is_map_key(Name, Records) orelse Name}, Pattern, migrator_origins:is({field, Name, Field}), Placed);
bind_field(_, _, _, Pattern, Walk) -> bind(Pattern, migrator_origins:unknown(), Walk).

tag([{atom, _, Tag} | _]) -> Tag;
tag(_) -> none.

%% --- expressions ---

at(Step, Expr, #walk{where = Where} = Walk) ->
    {Values, After} = expr(Expr, Walk#walk{where = migrator_places:step(Step, Where)}),
    {Values, After#walk{where = Where}}.

exprs(Exprs, Walk) -> exprs(fun(I) -> I end, Exprs, Walk).

exprs(Step, Exprs, Walk) ->
    {Columns, {After, _}} = lists:mapfoldl(fun(Expr, {Acc, I}) ->
        {Values, Next} = at(Step(I), Expr, Acc),
        {Values, {Next, I + 1}}
    end, {Walk, 1}, Exprs),
    {Columns, After}.

expr({var, Anno, Name} = Var, #walk{env = Env} = Walk) ->
    Origins = maps:get(Name, Env, migrator_origins:unknown()),
    {Origins, lists:foldl(fun({is, {field, Record, Field}}, Acc) -> place(value, Record, Field, Anno, Var, Acc);
                             (_, Acc) -> Acc
                          end, Walk, Origins)};
expr({Literal, _, _}, Walk) when Literal =:= atom; Literal =:= integer; Literal =:= float; Literal =:= char; Literal =:= string ->
    {migrator_origins:plain(), Walk};
expr({nil, _}, Walk) -> {migrator_origins:plain(), Walk};
expr({record_index, _, _, _}, Walk) -> {migrator_origins:plain(), Walk};
expr({Match, _, Pattern, Value}, Walk) when Match =:= match; Match =:= maybe_match ->
    {Values, After} = at(match, Value, Walk),
    {Values, bind_at(matched, Pattern, Values, After)};
expr({tuple, Anno, Elements}, Walk) ->
    Size = length(Elements),
    Tag = tag(Elements),
    {Columns, After} = exprs(fun(I) -> {element, I, Size, Tag} end, Elements, Walk),
    {migrator_origins:made(tuple, Columns), tuple_of(Tag, Size, Anno, After)};
expr({cons, _, Head, Tail}, Walk) ->
    {First, Headed} = at(head, Head, Walk),
    {Rest, After} = at(tail, Tail, Headed),
    {migrator_origins:union(migrator_origins:held(First), Rest), After};
expr({map, _, Fields}, Walk) -> map_of(Fields, [], Walk);
expr({map, _, Of, Fields}, Walk) ->
    {Values, After} = at(map, Of, Walk),
    map_of(Fields, Values, After);
expr({record, Anno, Name, Fields}, Walk) ->
    made(new, Anno, Name, Fields, told_new(Name, Anno, Walk));
expr({record, Anno, Of, Name, Fields}, Walk) ->
    {Values, After} = at(record, Of, Walk),
    made(update, Anno, Name, Fields, seen_as(Name, Anno, Values, After));
expr({record_field, Anno, Of, Name, {atom, _, Field}} = Read, Walk) ->
    {Values, After} = at(record, Of, Walk),
    {migrator_origins:is({field, Name, Field}), place(read, Name, Field, Anno, Read, seen_as(Name, Anno, Values, After))};
expr({bin, _, Elements}, Walk) ->
    {_, After} = exprs([Value || {bin_element, _, Value, _, _} <- Elements], Walk),
    {migrator_origins:plain(), After};
expr({op, Anno, '!', Left, Right}, Walk) ->
    {To, Sent} = at(to, Left, Walk),
    {Message, After} = at(message, Right, passed([To], Anno, erlang, '!', Sent)),
    {Message, After};
expr({op, _, Op, Left, Right}, Walk) ->
    {Columns, After} = exprs(fun(I) -> {op, Op, I} end, [Left, Right], Walk),
    {case Op of
         _ when Op =:= '++'; Op =:= '--'; Op =:= 'andalso'; Op =:= 'orelse' -> migrator_origins:union(Columns);
         _ -> migrator_origins:plain()
     end, After};
expr({op, _, Op, Of}, Walk) ->
    {_, After} = at({op, Op, 1}, Of, Walk),
    {migrator_origins:plain(), After};
expr({call, Anno, Called, Args}, Walk) -> call(Called, Anno, Args, Walk);
expr({'case', _, Of, Clauses}, Walk) ->
    {Values, After} = at('case', Of, Walk),
    clauses(Clauses, [Values], After);
expr({'if', _, Clauses}, Walk) -> clauses(Clauses, [], Walk);
expr({'receive', _, Clauses}, Walk) -> clauses(Clauses, [], Walk);
expr({'receive', _, Clauses, Timeout, After}, Walk) ->
    {_, Waited} = at(timeout, Timeout, Walk),
    {Received, Done} = clauses(Clauses, [], Waited),
    {Values, Last} = sequence(After, Done),
    {migrator_origins:union(Received, Values), Last};
expr({'try', _, Body, Of, Catch, After}, Walk) ->
    {Values, Tried} = sequence(Body, Walk),
    {Results, Matched} = case Of of
        [] -> {Values, Tried};
        _ -> clauses(Of, [Values], Tried)
    end,
    {Caught, Done} = clauses(Catch, [], Matched),
    {_, Last} = sequence(After, Done),
    {migrator_origins:union(Results, Caught), Last};
expr({block, _, Exprs}, Walk) -> sequence(Exprs, Walk);
expr({'maybe', _, Exprs}, Walk) -> or_unknown(sequence(Exprs, Walk));
expr({'maybe', _, Exprs, {'else', _, Clauses}}, Walk) ->
    {Values, Done} = sequence(Exprs, Walk),
    {Others, After} = clauses(Clauses, [], Done),
    {migrator_origins:union(Values, Others), After};
expr({'catch', _, Expr}, Walk) -> or_unknown(at('catch', Expr, Walk));
expr({'fun', _, {clauses, Clauses}}, Walk) ->
    {_, After} = fun_clauses(Clauses, migrator_origins:unknown(), Walk),
    {migrator_origins:unknown(), After};
expr({'fun', _, {function, Name, Arity}}, Walk) when is_atom(Name) -> {migrator_origins:unknown(), escaped({Name, Arity}, Walk)};
expr({named_fun, _, Name, Clauses}, #walk{env = Env} = Walk) ->
    {_, After} = fun_clauses(Clauses, migrator_origins:unknown(), Walk#walk{env = maps:remove(Name, Env)}),
    {migrator_origins:unknown(), After#walk{env = Env}};
expr({Comprehension, _, Body, Qualifiers}, #walk{env = Env} = Walk)
        when Comprehension =:= lc; Comprehension =:= bc; Comprehension =:= mc ->
    {Values, After} = at(Comprehension, Body, lists:foldl(fun qualifier/2, Walk, Qualifiers)),
    {case Comprehension of bc -> migrator_origins:plain(); _ -> migrator_origins:held(Values) end, After#walk{env = Env}};
expr(Node, Walk) when is_tuple(Node), tuple_size(Node) > 2 ->
    {_, After} = exprs(tl(tl(tuple_to_list(Node))), Walk),
    {migrator_origins:unknown(), After};
expr([_ | _] = Nodes, Walk) ->
    {_, After} = exprs(Nodes, Walk),
    {migrator_origins:unknown(), After};
expr(_, Walk) -> {migrator_origins:unknown(), Walk}.

or_unknown({Values, Walk}) -> {migrator_origins:union(Values, migrator_origins:unknown()), Walk}.

map_of(Fields, Values, Walk) ->
    {Columns, After} = exprs([Part || {_, _, Key, Value} <- Fields, Part <- [Key, Value]], Walk),
    {migrator_origins:union(Values, migrator_origins:made(container, Columns)), After}.

qualifier({zip, _, Generators}, Walk) -> lists:foldl(fun qualifier/2, Walk, Generators);
qualifier(Qualifier, Walk) ->
    case migrator_expr:generator(Qualifier) of
        none ->
            {_, After} = at(filter, Qualifier, Walk),
            After;
        {Pattern, Source} ->
            {Values, #walk{env = Env} = After} = at(generator, Source, Walk),
            Hidden = maps:without(migrator_expr:pattern_variables(Pattern), Env),
            bind_at(generated, Pattern, migrator_origins:inside(Values), After#walk{env = Hidden})
    end.

told_new(Name, Anno, #walk{records = Records, function = Function} = Walk) when is_map_key(Name, Records), Function =/= none ->
    fact({made, Name, Function, migrator_text:line(Anno)}, Walk);
told_new(_, _, Walk) -> Walk.

%% A record that is made or updated.
made(Kind, Anno, Name, Fields, #walk{records = Records} = Walk) ->
    Step = {Kind, is_map_key(Name, Records) orelse Name},
    {Inside, After} = lists:mapfoldl(fun({record_field, _, Field, Value}, Acc) ->
        {Origins, Next} = at(Step, Value, Acc),
        {Origins, give(Kind, Name, Field, Anno, Value, Origins, Next)}
    end, Walk, Fields),
    Held = [Origin || {_, {record, _}} = Origin <- migrator_origins:held(migrator_origins:union(Inside))],
    {migrator_origins:union(migrator_origins:is({record, Name}), Held), After}.

give(Kind, Name, {atom, Anno, Field}, _, Value, Origins, Walk) ->
    given(Name, Field, Anno, Origins, place(Kind, Name, Field, Anno, Value, Walk));
give(_, Name, {var, Anno, '_'}, _, _, Origins, #walk{records = Records} = Walk) ->
    lists:foldl(fun({Field, _}, Acc) -> given(Name, Field, Anno, Origins, Acc) end, Walk, maps:get(Name, Records, [])).

given(Name, Field, Anno, Origins, #walk{records = Records, function = Function} = Walk) when is_map_key(Name, Records) ->
    fact({given, Name, Field, Function, migrator_text:line(Anno), Origins}, Walk);
given(_, _, _, _, Walk) -> Walk.

place(How, Name, Field, Anno, Inner, #walk{records = Records, function = Function, where = Where} = Walk)
        when is_map_key(Name, Records), Function =/= none ->
    fact({place, Name, Field, How, Function, migrator_text:line(Anno), migrator_places:place(Inner, Where)}, Walk);
place(_, _, _, _, _, Walk) -> Walk.

seen_as(Name, Anno, Origins, #walk{function = Function} = Walk) ->
    lists:foldl(fun(Origin, Acc) -> fact({seen_as, Origin, Function, migrator_text:line(Anno), Name}, Acc) end,
                Walk, migrator_origins:fields_and_params(Origins)).

%% A tuple with a record's tag and size is one.
tuple_of(Tag, Size, Anno, #walk{records = Records, function = Function} = Walk) ->
    case Records of
        #{Tag := Fields} when length(Fields) + 1 =:= Size -> fact({built, Tag, Function, migrator_text:line(Anno)}, Walk);
        #{} -> Walk
    end.

%% --- calls ---

call({remote, _, {atom, _, Module}, {atom, _, Name}}, _, Args, #walk{module = Module} = Walk) ->
    own(Module, Name, Args, Walk);
call({remote, _, {atom, _, Module}, {atom, _, Name}}, Anno, Args, Walk) ->
    foreign(Module, Name, Anno, Args, Walk);
call({atom, _, Name}, Anno, Args, #walk{module = Own, imports = Imports, functions = Functions} = Walk) ->
    Called = {Name, length(Args)},
    case is_map_key(Called, Functions) of
        true -> own(Own, Name, Args, Walk);
        false -> foreign(maps:get(Called, Imports, erlang), Name, Anno, Args, Walk)
    end;
call({'fun', _, {clauses, Clauses}}, _, Args, Walk) ->
    {Columns, After} = exprs(Args, Walk),
    fun_clauses(Clauses, migrator_origins:union(Columns), After);
call(Called, _, Args, Walk) ->
    {_, After} = at(called, Called, Walk),
    {_, Done} = exprs(fun(I) -> {call, unknown, I} end, Args, After),
    {migrator_origins:unknown(), Done}.

own(Module, Name, Args, #walk{functions = Functions} = Walk) ->
    Called = {Name, length(Args)},
    {Columns, After} = exprs(step(Module, Name, Args), Args, Walk),
    case is_map_key(Called, Functions) of
        true ->
            {{Facts, Values}, Known} = function(Called, After),
            {migrator_origins:substitute(Values, Called, Columns), carried(Called, Columns, Facts, Known)};
        false ->
            {migrator_origins:unknown(), After}
    end.

step(Module, Name, Args) ->
    Arity = length(Args),
    fun(I) -> {call, Module, Name, Arity, I} end.

%% `element(#state.x, S)` and its like are record syntax too.
foreign(erlang, element, _, [{record_index, Anno, Name, {atom, _, Field}} = Index, Of], Walk) ->
    {Values, After} = at(record, Of, Walk),
    {migrator_origins:is({field, Name, Field}), place(read, Name, Field, Anno, Index, seen_as(Name, Anno, Values, After))};
foreign(erlang, element, _, [{integer, _, I}, Of], Walk) when I > 0 ->
    {Values, After} = at({element, I}, Of, Walk),
    {migrator_origins:element(I, Values), After};
foreign(erlang, setelement, _, [{record_index, _, Name, {atom, Anno, Field}}, Of, Value], Walk) ->
    {[Values, Given], After} = exprs([Of, Value], Walk),
    {migrator_origins:is({record, Name}), give(update, Name, {atom, Anno, Field}, Anno, Value, Given, seen_as(Name, Anno, Values, After))};
foreign(erlang, is_record, Anno, [Of, {atom, _, Name} | _], Walk) ->
    {Values, After} = at({call, is_record}, Of, Walk),
    {migrator_origins:plain(), seen_as(Name, Anno, Values, After)};
foreign(Module, Name, Anno, Args, #walk{function = Function} = Walk) ->
    {Columns, After} = exprs(step(Module, Name, Args), [case Arg of {'fun', _, _} -> []; _ -> Arg end || Arg <- Args], Walk),
    Passed = passed(Columns, Anno, Module, Name, After),
    Marked = migrator_origins:marked(Module, Columns),
    {Made, Applied} = lists:foldl(fun(Arg, Acc) -> applied(Arg, Marked, Acc) end, {[], Passed}, Args),
    Indexed = [Record || {record_index, _, Record, _} <- Args],
    Seen = lists:foldl(fun(Record, Acc) -> seen_as(Record, Anno, migrator_origins:union(Columns), Acc) end, Applied, Indexed),
    Told = case Module =:= erlang andalso lists:member(Name, ?BUILDERS) of
        true -> fact({built, any, Function, migrator_text:line(Anno)}, Seen);
        false -> Seen
    end,
    Given = case [old_state || {atom, _, old_state} <- Args] of
        [_ | _] when Module =:= proplists; Module =:= lists -> migrator_origins:old_state();
        _ -> migrator_origins:gives(Module, Name, length(Args), Columns, Made)
    end,
    {Given, Told}.

%% A fun among the arguments is called with what the others hold.
applied({'fun', _, {clauses, Clauses}}, Given, {Made, Walk}) ->
    {Values, After} = fun_clauses(Clauses, Given, Walk),
    {[Values | Made], After};
applied({'fun', _, {function, Name, Arity}}, Given, {Made, #walk{functions = Functions} = Walk}) when is_map_key({Name, Arity}, Functions) ->
    {{Facts, Values}, Known} = function({Name, Arity}, Walk),
    Args = [Given || _ <- lists:seq(1, Arity)],
    {[migrator_origins:substitute(Values, {Name, Arity}, Args) | Made], carried({Name, Arity}, Args, Facts, Known)};
applied(_, _, Acc) ->
    Acc.

passed(Columns, Anno, Module, Name, #walk{function = Function} = Walk) ->
    Arity = case Name of '!' -> 2; _ -> length(Columns) end,
    lists:foldl(fun({I, Origins}, Acc) ->
        lists:foldl(fun(Origin, Told) -> fact({passed, Origin, Function, migrator_text:line(Anno), {Module, Name, Arity, I}}, Told) end,
                    Acc, migrator_origins:fields_and_params(Origins))
    end, Walk, lists:zip(lists:seq(1, length(Columns)), Columns)).
