%% Questions about one expression: is it a literal, what does it call, which variables are free in it.
%% Nothing is evaluated.
-module(migrator_expr).

-export([fold/3, fold_values/3, generator/1, constant/2, calls/3, remote_calls/1, imports/1, free/1, pattern_variables/1, variables/1]).

%% The generators of a comprehension, those of newer releases among them.
-define(IS_GENERATOR(Tag), (Tag =:= generate orelse Tag =:= generate_strict
                            orelse Tag =:= b_generate orelse Tag =:= b_generate_strict
                            orelse Tag =:= m_generate orelse Tag =:= m_generate_strict)).

%% Calls Fun(Node, Acc) for every node of a form, the node before its parts.
%% The second element of a node is its annotation, save for the few that have none.
fold(Fun, Acc, Node) when is_tuple(Node) ->
    lists:foldl(fun(Part, A) -> fold(Fun, A, Part) end, Fun(Node, Acc), parts(Node));
fold(Fun, Acc, [Node | Nodes]) ->
    fold(Fun, fold(Fun, Acc, Node), Nodes);
fold(_, Acc, _) ->
    Acc.

%% The same for what is evaluated only: a record in a pattern or in a guard is no construction.
fold_values(Fun, Acc, Node) when is_tuple(Node) ->
    fold_values(Fun, Fun(Node, Acc), value_parts(Node));
fold_values(Fun, Acc, [Node | Nodes]) ->
    fold_values(Fun, fold_values(Fun, Acc, Node), Nodes);
fold_values(_, Acc, _) ->
    Acc.

parts({clauses, Clauses}) -> [Clauses];
parts({string, _, _}) -> [];
parts({typed_record_field, Field, Type}) -> [Field, Type];
parts({function, Module, Name, Arity}) when is_tuple(Module) -> [Module, Name, Arity];
parts(Node) when tuple_size(Node) > 2 -> tl(tl(tuple_to_list(Node)));
parts(_) -> [].

value_parts({match, _, _, Value}) -> [Value];
value_parts({maybe_match, _, _, Value}) -> [Value];
value_parts({clause, _, _, _, Body}) -> Body;
value_parts({Tag, _, _, Value}) when ?IS_GENERATOR(Tag) -> [Value];
value_parts(Node) -> parts(Node).

%% The pattern and the source of a generator.
generator({Tag, _, Pattern, Source}) when ?IS_GENERATOR(Tag) -> {Pattern, Source};
generator(_) -> none.

%% Whether the expression is a literal: evaluating it does nothing and needs nothing. Sums of numbers
%% count, as the compiler makes a literal of them. Records: the default of every field of every record
%% (#{Name => [{Field, none | Expr}]}), for an expression that still has record syntax in it.
constant({Literal, _, _}, _) when Literal =:= atom; Literal =:= integer; Literal =:= float;
                                  Literal =:= char; Literal =:= string -> true;
constant({nil, _}, _) -> true;
constant({cons, _, Head, Tail}, Records) -> constant(Head, Records) andalso constant(Tail, Records);
constant({tuple, _, Elements}, Records) -> all_constant(Elements, Records);
constant({map, _, Fields}, Records) ->
    lists:all(fun({map_field_assoc, _, Key, Value}) -> constant(Key, Records) andalso constant(Value, Records);
                 (_) -> false
              end, Fields);
constant({bin, _, Elements}, _) -> lists:all(fun constant_segment/1, Elements);
constant({op, _, _, _} = Sum, _) -> constant_sum(Sum);
constant({op, _, _, _, _} = Sum, _) -> constant_sum(Sum);
constant({'fun', _, {function, {atom, _, _}, {atom, _, _}, {integer, _, _}}}, _) -> true;
constant({record, _, Name, Inits}, Records) ->
    case Records of
        #{Name := Defaults} ->
            Given = [Field || {record_field, _, {atom, _, Field}, _} <- Inits],
            Rest = case [all_others || {record_field, _, {var, _, '_'}, _} <- Inits] =/= [] of
                true -> [];
                false -> [Default || {Field, Default} <- Defaults, Default =/= none, not lists:member(Field, Given)]
            end,
            all_constant([Value || {record_field, _, _, Value} <- Inits], Records)
                andalso all_constant(Rest, Records);
        #{} ->
            false
    end;
constant(_, _) -> false.

all_constant(Exprs, Records) ->
    lists:all(fun(Expr) -> constant(Expr, Records) end, Exprs).

constant_segment({bin_element, _, {Type, _, _}, Size, _}) ->
    lists:member(Type, [integer, float, char, string])
        andalso (Size =:= default orelse element(1, Size) =:= integer);
constant_segment(_) -> false.

constant_sum(Sum) ->
    Numbers = fold(fun({op, _, _, _}, All) -> All;
                      ({op, _, _, _, _}, All) -> All;
                      ({Type, _, _}, All) -> All andalso lists:member(Type, [integer, float, char, atom]);
                      (_, _) -> false
                   end, true, Sum),
    Numbers andalso element(1, erl_eval:partial_eval(Sum)) =/= op.

%% The functions among Functions (a map with {F, A} as keys) that the expression calls or makes a fun of by
%% their bare names; in a module Own by that name too.
calls(Expr, Own, Functions) ->
    Called = fold(fun({call, _, {atom, _, Name}, Args}, Acc) -> [{Name, length(Args)} | Acc];
                     ({call, _, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, Acc) when Module =:= Own ->
                          [{Name, length(Args)} | Acc];
                     ({'fun', _, {function, Name, Arity}}, Acc) -> [{Name, Arity} | Acc];
                     ({'fun', _, {function, {atom, _, Module}, {atom, _, Name}, {integer, _, Arity}}}, Acc) when Module =:= Own ->
                          [{Name, Arity} | Acc];
                     (_, Acc) -> Acc
                  end, [], Expr),
    [Function || Function <- lists:usort(Called), is_map_key(Function, Functions)].

%% [{M, F, A}] of the functions that the expression calls, or makes funs of, by a module that it names.
remote_calls(Expr) ->
    Called = fold(fun({call, _, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, Acc) ->
                          [{Module, Name, length(Args)} | Acc];
                     ({'fun', _, {function, {atom, _, Module}, {atom, _, Name}, {integer, _, Arity}}}, Acc) ->
                          [{Module, Name, Arity} | Acc];
                     (_, Acc) -> Acc
                  end, [], Expr),
    lists:usort(Called).

%% #{{F, A} => Module} of all that the module imports.
imports(Forms) ->
    maps:from_list([{Function, Module} || {attribute, _, import, {Module, Functions}} <- Forms, Function <- Functions]).

%% {Free, Bound}: the variables that the expression needs from outside, and those that it binds and leaves bound.
free(Expr) ->
    free(Expr, {[], []}).

free({var, _, '_'}, Acc) -> Acc;
free({var, _, Name}, {Free, Bound} = Acc) ->
    case lists:member(Name, Bound) of
        true -> Acc;
        false -> {ordsets:add_element(Name, Free), Bound}
    end;
free({Tag, _, Pattern, Value}, Acc) when ?IS_GENERATOR(Tag); Tag =:= match; Tag =:= maybe_match ->
    bind(Pattern, free(Value, Acc));
free({'fun', _, {clauses, Clauses}}, Acc) -> inside(Clauses, Acc, Acc);
free({named_fun, _, Name, Clauses}, {Free, Bound} = Acc) -> inside(Clauses, {Free, [Name | Bound]}, Acc);
free({Comprehension, _, Body, Qualifiers}, Acc) when Comprehension =:= lc; Comprehension =:= bc; Comprehension =:= mc ->
    inside([Qualifiers, Body], Acc, Acc);
free({clause, _, Head, Guards, Body}, Acc) -> free(Body, free(Guards, bind(Head, Acc)));
free(Node, Acc) when is_tuple(Node) -> free(parts(Node), Acc);
free([Node | Nodes], Acc) -> free(Nodes, free(Node, Acc));
free(_, Acc) -> Acc.

inside(Nodes, Acc, {_, Outside}) ->
    {Free, _} = free(Nodes, Acc),
    {Free, Outside}.

bind(Pattern, {Free, Bound}) ->
    {Free, pattern_variables(Pattern) ++ Bound}.

pattern_variables(Pattern) ->
    lists:usort(variables(Pattern)).

%% Every occurrence of a variable, so that they can be counted.
variables(Form) ->
    fold(fun({var, _, '_'}, Acc) -> Acc;
            ({var, _, Name}, Acc) -> [Name | Acc];
            (_, Acc) -> Acc
         end, [], Form).
