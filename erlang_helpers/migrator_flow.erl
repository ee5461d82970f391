%% Follows a process's state through a function: where it goes by `=`, `case`, tuples and local calls, and
%% what is done with it on the way. All branches are taken; a value is the set of things that it may be:
%%
%%     state            the state as it came
%%     part             something taken out of it
%%     {tuple, Values}  a tuple of known size
%%     {grown, N}       the state's tuple with N more elements (fewer, where N is negative), {listed, N} as a list
%%     {atom, Atom}, {record, Name, Line}     only when everything is followed (`all`)
%%
%% Facts: {shape, Tag, Size, Line} for a tuple pattern laid on the state, {part_shape, Tag, Size, Line} for one laid on
%% a part of it, {fields, Record, Fields, Line} for a record pattern on the state, {use, Record, How, Line} for record syntax
%% on the state or on a part of it, {grown, N, Line} where the
%% state's tuple is given N more elements, {set, Index, Line} where an element of it is set by a number.
-module(migrator_flow).

-export([new/4, clause/3, function/3, functions/1]).

-type value() :: state | part | {tuple, [values()]} | {atom, atom()} | {record, atom(), erl_anno:line()}
               | {grown, integer()} | {listed, integer()}.
-type values() :: ordsets:ordset(value()).
-type fact() :: {shape | part_shape, any | {tag, atom()}, non_neg_integer(), erl_anno:line()} | {use, atom(), term(), erl_anno:line()} | {fields, atom(), [atom()], erl_anno:line()}
              | {grown, integer(), erl_anno:line()} | {set, integer(), erl_anno:line()}.

%% Beyond these a value is only known in part; such code is not written for a state.
-define(MOST_VALUES, 16).
-define(DEEPEST_TUPLE, 3).
-define(DEEPEST_CALL, 12).

-record(flow, {follow, module, imports, functions, env = #{}, how = own, facts = [], seen = #{}, depth = 0}).

%% What is followed: `parts` the state and what is taken out of it, `state` the state alone; both enter only the
%% functions that get it. `all` enters every function, to learn what it returns.
-spec new(parts | state | all, module(), #{}, #{}) -> #flow{}.
new(Follow, Module, Imports, Functions) ->
    #flow{follow = Follow, module = Module, imports = Imports, functions = Functions}.

%% #{{F, A} => Clauses}
functions(Forms) ->
    maps:from_list([{{Name, Arity}, Clauses} || {function, _, Name, Arity, Clauses} <- Forms]).

%% What one clause does with these arguments, and what it may return.
-spec clause(term(), [values()], #flow{}) -> {values(), [fact()]}.
clause(Clause, Args, Flow) ->
    {Values, Done} = clauses([Clause], Args, Flow),
    {Values, facts(Done)}.

%% The same for a whole function.
-spec function({atom(), arity()}, [values()], #flow{}) -> {values(), [fact()]}.
function(Name, Args, #flow{functions = Functions} = Flow) ->
    {Values, Done} = clauses(maps:get(Name, Functions), Args, Flow),
    {Values, facts(Done)}.

%% In the order found, each once.
facts(#flow{facts = Facts}) ->
    {Unique, _} = lists:foldr(fun(Fact, {Acc, Seen}) when is_map_key(Fact, Seen) -> {Acc, Seen};
                                 (Fact, {Acc, Seen}) -> {[Fact | Acc], Seen#{Fact => true}}
                              end, {[], #{}}, Facts),
    lists:reverse(Unique).

%% --- clauses ---

%% Clauses of a function, a case, a try: what one binds is known behind them, as far as Erlang allows it.
clauses(Clauses, Args, #flow{env = Env} = Flow0) ->
    lists:foldl(fun({clause, _, Head, Guards, Body}, {Values, Flow}) ->
        Bound = bind_all(Head, Args, Flow#flow{env = Env}),
        {Result, Done} = sequence(Body, guards(Guards, Bound)),
        {union(Result, Values), Done#flow{env = merge(Done#flow.env, Flow#flow.env)}}
    end, {[], Flow0}, Clauses).

%% Clauses of a fun: its variables are its own, those of its head hide the ones outside.
fun_clauses(Clauses, Args, Flow) ->
    inside(Flow, fun(#flow{env = Env} = Inside) ->
        lists:foldl(fun({clause, _, Head, _, _} = Clause, {Values, Acc}) ->
            Hidden = maps:without(migrator_expr:pattern_variables(Head), Env),
            {Result, Done} = clauses([Clause], Args, Acc#flow{env = Hidden}),
            {union(Result, Values), Done}
        end, {[], Inside}, Clauses)
    end).

inside(#flow{env = Env} = Flow, Run) ->
    {Values, Done} = Run(Flow),
    {Values, Done#flow{env = Env}}.

guards(Guards, Flow0) ->
    lists:foldl(fun(Test, Flow) ->
        {_, Done} = expr(Test, guard, Flow),
        Done
    end, Flow0, lists:append(Guards)).

sequence(Exprs, Flow) ->
    lists:foldl(fun(Expr, {_, Acc}) -> expr(Expr, Acc) end, {[], Flow}, Exprs).

%% --- patterns ---

bind_all(Patterns, Args, Flow) ->
    lists:foldl(fun({Pattern, Values}, Acc) -> bind(Pattern, Values, Acc) end, Flow, zip(Patterns, Args)).

%% A call through a fun need not have the arguments that its head wants.
zip([Pattern | Patterns], [Values | Args]) -> [{Pattern, Values} | zip(Patterns, Args)];
zip([Pattern | Patterns], []) -> [{Pattern, []} | zip(Patterns, [])];
zip([], _) -> [].

bind({var, _, '_'}, _, Flow) ->
    Flow;
bind({var, _, Name}, Values, #flow{env = Env} = Flow) ->
    Flow#flow{env = Env#{Name => union(Values, maps:get(Name, Env, []))}};
bind({match, _, Left, Right}, Values, Flow) ->
    Known = union(Values, union(named(Left, Flow), named(Right, Flow))),
    bind(Right, Known, bind(Left, Known, Flow));
bind({tuple, Anno, Patterns}, Values, Flow) ->
    Size = length(Patterns),
    Shaped = shape(tag(Patterns), Size, Anno, Values, Flow),
    Taken = taken(Values, Flow),
    Columns = [Columns || {tuple, Columns} <- Values, length(Columns) =:= Size],
    Args = lists:foldl(fun(Column, Acc) -> lists:zipwith(fun union/2, Column, Acc) end, [Taken || _ <- Patterns], Columns),
    bind_all(Patterns, Args, Shaped);
bind({record, Anno, Name, Fields}, Values, Flow) ->
    Taken = taken(Values, Flow),
    Named = [{fields, Own, migrator_natives:named(Fields), migrator_text:line(Anno)}
             || lists:member(state, Values), {Own} <- [migrator_natives:own(Name, Flow#flow.module)]],
    lists:foldl(fun({record_field, _, _, Pattern}, Acc) -> bind(Pattern, Taken, Acc) end,
        lists:foldl(fun fact/2, use(Name, pattern, Anno, Values, Flow), Named), Fields);
bind({cons, _, Head, Tail}, Values, Flow) ->
    Taken = taken(Values, Flow),
    bind(Tail, Taken, bind(Head, Taken, Flow));
bind({map, _, Fields}, Values, Flow) ->
    Taken = taken(Values, Flow),
    lists:foldl(fun({_, _, _, Pattern}, Acc) -> bind(Pattern, Taken, Acc) end, Flow, Fields);
bind({op, _, '++', _, Pattern}, _, Flow) ->
    bind(Pattern, [], Flow);
bind(_, _, Flow) ->
    Flow.

%% `#state{} = X` says what X is, wherever it comes from.
named({record, Anno, Name, _}, #flow{follow = all}) -> [{record, Name, migrator_text:line(Anno)}];
named({match, _, Left, Right}, Flow) -> union(named(Left, Flow), named(Right, Flow));
named(_, _) -> [].

tag([{atom, _, Tag} | _]) -> {tag, Tag};
tag([{Other, _, _} | _]) when Other =:= integer; Other =:= float; Other =:= string; Other =:= char -> none;
tag(_) -> any.

%% --- expressions ---

expr(Expr, Flow) ->
    expr(Expr, body, Flow).

expr({var, _, Name}, _, #flow{env = Env} = Flow) ->
    {maps:get(Name, Env, []), Flow};
expr({string, _, _}, _, Flow) ->
    {[], Flow};
expr({atom, _, Name}, _, #flow{follow = all} = Flow) ->
    {[{atom, Name}], Flow};
expr({Match, _, Pattern, Value}, How, Flow) when Match =:= match; Match =:= maybe_match ->
    {Values, Done} = expr(Value, How, Flow),
    Known = union(Values, named(Pattern, Done)),
    {Known, bind(Pattern, Known, Done)};
expr({tuple, _, Elements}, How, Flow) ->
    {Columns, Done} = exprs(Elements, How, Flow),
    {tuple(Columns), Done};
expr({record, Anno, Name, Fields}, How, Flow) ->
    {_, Done} = exprs([Value || {record_field, _, _, Value} <- Fields], How, Flow),
    {made(Name, Anno, Done), Done};
expr({record, Anno, Of, Name, Fields}, How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    {_, Updated} = exprs([Value || {record_field, _, _, Value} <- Fields], How, use(Name, How, Anno, Values, Done)),
    {made(Name, Anno, Updated), Updated};
expr({record_field, Anno, Of, Name, _}, How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    {taken(Values, Done), use(Name, How, Anno, Values, Done)};
expr({op, _, '++', Left, Right}, How, Flow) ->
    {[Before, After], Done} = exprs([Left, Right], How, Flow),
    {[{listed, N + Longer} || {listed, N} <- Before, Longer <- literal_length(Right)]
     ++ [{listed, N + Longer} || {listed, N} <- After, Longer <- literal_length(Left)], Done};
expr({call, Anno, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, How, Flow) ->
    call(Module, Name, Anno, Args, How, Flow);
expr({call, Anno, {atom, _, Name}, Args}, How, #flow{module = Own, imports = Imports, functions = Functions} = Flow) ->
    Called = {Name, length(Args)},
    Module = case is_map_key(Called, Functions) of
        true -> Own;
        false -> maps:get(Called, Imports, erlang)
    end,
    call(Module, Name, Anno, Args, How, Flow);
expr({call, _, {'fun', _, {clauses, Clauses}}, Args}, How, Flow) ->
    {Values, Done} = exprs(Args, How, Flow),
    fun_clauses(Clauses, Values, Done);
expr({'case', _, Of, Clauses}, How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    clauses(Clauses, [Values], Done);
expr({'if', _, Clauses}, _, Flow) ->
    clauses(Clauses, [], Flow);
expr({'receive', _, Clauses}, _, Flow) ->
    clauses(Clauses, [], Flow);
expr({'receive', _, Clauses, Timeout, After}, How, Flow) ->
    {_, Waited} = expr(Timeout, How, Flow),
    {Received, Done} = clauses(Clauses, [], Waited),
    {Late, AllDone} = sequence(After, Done),
    {union(Received, Late), AllDone};
expr({'try', _, Body, Clauses, Catches, After}, _, Flow) ->
    {Values, Tried} = sequence(Body, Flow),
    {Results, Done} = case Clauses of
        [] -> {Values, Tried};
        _ -> clauses(Clauses, [Values], Tried)
    end,
    {Caught, AllDone} = clauses(Catches, [], Done),
    {_, Finished} = sequence(After, AllDone),
    {union(Results, Caught), Finished};
expr({block, _, Exprs}, _, Flow) ->
    sequence(Exprs, Flow);
expr({'maybe', _, Exprs}, _, Flow) ->
    sequence(Exprs, Flow);
expr({'maybe', _, Exprs, {'else', _, Clauses}}, _, Flow) ->
    {Values, Done} = sequence(Exprs, Flow),
    {Others, AllDone} = clauses(Clauses, [], Done),
    {union(Values, Others), AllDone};
expr({'catch', _, Expr}, How, Flow) ->
    expr(Expr, How, Flow);
expr({'fun', _, {clauses, Clauses}}, _, Flow) ->
    {_, Done} = fun_clauses(Clauses, [], Flow),
    {[], Done};
expr({named_fun, _, _, Clauses}, _, Flow) ->
    {_, Done} = fun_clauses(Clauses, [], Flow),
    {[], Done};
expr({Comprehension, _, Body, Qualifiers}, How, Flow)
        when Comprehension =:= lc; Comprehension =:= bc; Comprehension =:= mc ->
    inside(Flow, fun(Inside) ->
        {_, Done} = expr(Body, How, lists:foldl(fun qualifier/2, Inside, Qualifiers)),
        {[], Done}
    end);
expr(Node, How, Flow) when is_tuple(Node), tuple_size(Node) > 2 ->
    {_, Done} = exprs(tl(tl(tuple_to_list(Node))), How, Flow),
    {[], Done};
expr([_ | _] = Nodes, How, Flow) ->
    {_, Done} = exprs(Nodes, How, Flow),
    {[], Done};
expr(_, _, Flow) ->
    {[], Flow}.

exprs(Exprs, How, Flow) ->
    lists:mapfoldl(fun(Expr, Acc) -> expr(Expr, How, Acc) end, Flow, Exprs).

qualifier({zip, _, Generators}, Flow) ->
    lists:foldl(fun qualifier/2, Flow, Generators);
qualifier(Qualifier, Flow) ->
    case migrator_expr:generator(Qualifier) of
        none ->
            {_, Done} = expr(Qualifier, Flow),
            Done;
        {Pattern, Source} ->
            {Values, #flow{env = Env} = Done} = expr(Source, Flow),
            Hidden = maps:without(migrator_expr:pattern_variables(Pattern), Env),
            bind(Pattern, taken(Values, Done), Done#flow{env = Hidden})
    end.

%% --- calls ---

call(erlang, is_record, Anno, [Of, {atom, _, Name}], How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    {[], use(Name, How, Anno, Values, Done)};
call(erlang, is_record, Anno, [Of, {atom, _, Module}, {atom, At, Name}], How, Flow) -> % of a native record
    call(erlang, is_record, Anno, [Of, {atom, At, {Module, Name}}], How, Flow);
call(erlang, is_record, Anno, [Of, {atom, _, Tag}, {integer, _, Size}], How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    {[], shape({tag, Tag}, Size, Anno, Values, Done)};
call(erlang, element, Anno, [Index, Of], How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    {taken(Values, Done), indexed(Index, How, Anno, Values, Done)};
call(erlang, setelement, Anno, [Index, Of, New], How, Flow) ->
    {[Values, _], Done} = exprs([Of, New], How, Flow),
    Grown = [{grown, N} || N <- growths(Values)],
    {Grown, set(Index, Anno, Grown, indexed(Index, How, Anno, Values, Done))};
call(erlang, append_element, Anno, [Of, New], How, Flow) ->
    {[Values, _], Done} = exprs([Of, New], How, Flow),
    grown(1, Anno, Values, Done);
call(erlang, insert_element, Anno, [_, Of, New], How, Flow) ->
    {[Values, _], Done} = exprs([Of, New], How, Flow),
    grown(1, Anno, Values, Done);
call(erlang, delete_element, Anno, [_, Of], How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    grown(-1, Anno, Values, Done);
call(erlang, tuple_to_list, _, [Of], How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    {[{listed, N} || N <- growths(Values)], Done};
call(lists, append, _, [Left, Right], How, Flow) ->
    expr({op, erl_anno:new(0), '++', Left, Right}, How, Flow);
call(erlang, list_to_tuple, Anno, [Of], How, Flow) ->
    {Values, Done} = expr(Of, How, Flow),
    Grown = [N || {listed, N} <- Values],
    {[{grown, N} || N <- Grown], growth([N || N <- Grown, N =/= 0], Anno, Done)};
call(lists, Fold, _, [Step, Start, List], How, Flow) when Fold =:= foldl; Fold =:= foldr ->
    {[Values, _], Done} = exprs([Start, List], How, Flow),
    {Results, AllDone} = step(Step, [[], Values], How, Done),
    {union(Values, Results), AllDone};
call(Own, Name, _, Args, How, #flow{module = Own} = Flow) ->
    {Values, Done} = exprs(Args, How, Flow),
    enter({Name, length(Args)}, [[Value || Value <- Each, element_or_atom(Value) =/= atom] || Each <- Values], Done);
call(_, _, _, Args, How, Flow) ->
    {_, Done} = exprs(Args, How, Flow),
    {[], Done}.

element_or_atom(Value) when is_tuple(Value) -> element(1, Value);
element_or_atom(_) -> other.

%% `element(#state.x, S)` is record syntax too.
indexed({record_index, _, Name, _}, How, Anno, Values, Flow) ->
    use(Name, How, Anno, Values, Flow);
indexed(_, _, _, _, Flow) ->
    Flow.

%% How many elements the tuple has more than the state, where that is known.
growths(Values) ->
    [N || {grown, N} <- Values] ++ [0 || lists:member(state, Values)].

grown(More, Anno, Values, Flow) ->
    Grown = [N + More || N <- growths(Values)],
    {[{grown, N} || N <- Grown], growth(Grown, Anno, Flow)}.

growth(Grown, Anno, Flow) -> lists:foldl(fun(N, Acc) -> fact({grown, N, migrator_text:line(Anno)}, Acc) end, Flow, Grown).

set({integer, _, Index}, Anno, [_ | _], Flow) -> fact({set, Index, migrator_text:line(Anno)}, Flow);
set(_, _, _, Flow) -> Flow.

literal_length({nil, _}) -> [0];
literal_length({cons, _, _, Tail}) -> [N + 1 || N <- literal_length(Tail)];
literal_length(_) -> [].

step({'fun', _, {clauses, Clauses}}, Args, _, Flow) -> fun_clauses(Clauses, Args, Flow);
step({'fun', _, {function, Name, Arity}}, Args, _, Flow) when length(Args) =:= Arity -> enter({Name, Arity}, Args, Flow);
step(Step, _, How, Flow) -> expr(Step, How, Flow).

%% Each function once for the same arguments: that ends every recursion.
enter(Name, Args, #flow{functions = Functions, follow = Follow, depth = Depth, seen = Seen} = Flow) ->
    Key = {Name, Args},
    Followed = Depth < ?DEEPEST_CALL andalso is_map_key(Name, Functions)
        andalso (Follow =:= all orelse lists:any(fun known/1, Args)),
    case Seen of
        _ when not Followed -> {[], Flow};
        #{Key := Values} -> {Values, Flow};
        #{} -> entered(Key, Flow)
    end.

entered({{F, A} = Name, Args} = Key, #flow{functions = Functions, seen = Seen, env = Env, how = How, depth = Depth} = Flow) ->
    Inside = Flow#flow{env = #{}, how = {call, F, A}, depth = Depth + 1, seen = Seen#{Key => []}},
    {Values, #flow{seen = AllSeen} = Done} = clauses(maps:get(Name, Functions), Args, Inside),
    {Values, Done#flow{env = Env, how = How, depth = Depth, seen = AllSeen#{Key := Values}}}.

%% --- values and facts ---

tuple(Columns) ->
    case lists:any(fun known/1, Columns) andalso depth(Columns) < ?DEEPEST_TUPLE of
        true -> [{tuple, Columns}];
        false -> []
    end.

known(Values) ->
    Values =/= [].

depth(Columns) ->
    lists:max([0 | [1 + depth(Inner) || Column <- Columns, {tuple, Inner} <- Column]]).

made(Name, Anno, #flow{follow = all}) -> [{record, Name, migrator_text:line(Anno)}];
made(_, _, _) -> [].

union(Values, []) -> Values;
union([], Values) -> Values;
union(Some, Others) -> lists:sublist(ordsets:union(Some, Others), ?MOST_VALUES).

merge(Env, Other) when map_size(Other) =:= 0 -> Env;
merge(Env, Other) -> maps:fold(fun(Name, Values, Acc) -> Acc#{Name => union(Values, maps:get(Name, Acc, []))} end, Env, Other).

shape(none, _, _, _, Flow) ->
    Flow;
shape(Tag, Size, Anno, Values, Flow) ->
    Line = migrator_text:line(Anno),
    case {lists:member(state, Values), lists:member(part, Values)} of
        {true, _} -> fact({shape, Tag, Size, Line}, Flow);
        {false, true} -> fact({part_shape, Tag, Size, Line}, Flow);
        {false, false} -> Flow
    end.

use(Said, How, Anno, Values, #flow{how = Where, module = Own} = Flow) ->
    case {migrator_natives:own(Said, Own), touched(Values, Flow)} of
        {{Name}, true} when Where =:= own -> fact({use, Name, How, migrator_text:line(Anno)}, Flow);
        {{Name}, true} -> fact({use, Name, Where, migrator_text:line(Anno)}, Flow);
        _ -> Flow
    end.

fact(Fact, #flow{facts = Facts} = Flow) ->
    Flow#flow{facts = [Fact | Facts]}.

touched(Values, #flow{follow = Follow}) ->
    lists:member(state, Values) orelse (Follow =:= parts andalso lists:member(part, Values)).

%% What any element of such a value may be.
taken(Values, #flow{follow = parts} = Flow) ->
    case touched(Values, Flow) of
        true -> [part];
        false -> []
    end;
taken(_, _) -> [].
