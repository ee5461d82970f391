%% What a call would give, as far as the abstract code tells it without running: a value is an Erlang term, in which what
%% cannot be told stands as one of these.
%%
%%     {'$unknown', Line, Text, Why}     whatever this expression gives; Why is {call, M, F, A}, or an atom
%%     {'$some', Line, Text, [Value]}    one of these: which of them, hangs on the expression Text
%%     {'$append', Value, Value}         one list after the other; a list may also end in something of these
%%     {'$fun', ...}                     a fun
%%     {'$started', Kind, Name, M, Args} the process that a start function gives; Kind is `supervisor`, `gen_event`, `process`; Name `none` or as
%%                                       it is registered
%%
%% Every branch is taken that could be. Nothing of the module is loaded; functions of OTP without effects are called.
-module(migrator_interpret).

-export([new/1, call/4, expression/3, is_known/1, unknown/3]).

-export_type([program/0, value/0]).

-type value() :: term().
-record(program, {modules :: #{module() => #{{atom(), arity()} => [term()]}}, budget :: counters:counters_ref(), module = none :: module(),
                  depth = 0 :: non_neg_integer(), active = #{} :: #{term() => pos_integer()}}).
-opaque program() :: #program{}.

-define(DEEPEST, 64).
-define(MOST_STEPS, 20000).
%% A function that calls itself with something unknown goes on for ever, as far as can be told.
-define(MOST_ROUNDS, 2).
-define(MOST_ALTERNATIVES, 16).
-define(IS_OPAQUE(Tag), (Tag =:= '$unknown' orelse Tag =:= '$some' orelse Tag =:= '$append')).

%% Forms of modules, by their names.
-spec new(#{module() => [term()]}) -> program().
new(Forms) ->
    Functions = maps:map(fun(_, Of) -> functions(Of) end, Forms),
    #program{modules = Functions, budget = counters:new(1, [])}.

%% One that cannot be told without records is told as it is: what is not known in it stays unknown.
functions(Forms) ->
    {Functions, Others} = lists:partition(fun(Form) -> element(1, Form) =:= function end, Forms),
    Names = [{function, 0, Name, Arity, []} || {function, _, Name, Arity, _} <- Functions],
    Expanded = migrator_otp:expanded([Form || {attribute, _, _, _} = Form <- Others] ++ Names, Functions, []),
    maps:from_list([{{Name, Arity}, case Plain of {function, _, _, _, Known} -> Known; unknown -> Clauses end}
                    || {{function, _, Name, Arity, Clauses}, Plain} <- lists:zip(Functions, Expanded)]).

%% What M:F(Args) gives.
-spec call(module(), atom(), [value()], program()) -> value().
call(Module, Name, Args, Program) ->
    counters:put(Program#program.budget, 1, 0),
    remote(Module, Name, Args, 0, Program).

%% What an expression of the module gives, its variables unknown.
-spec expression(module(), term(), program()) -> value().
expression(Module, Expr, Program) ->
    counters:put(Program#program.budget, 1, 0),
    value(Expr, #{}, Program#program{module = Module}).

-spec unknown(non_neg_integer(), iodata(), term()) -> value().
unknown(Line, Text, Why) -> {'$unknown', Line, unicode:characters_to_binary(Text), Why}.

%% Whether a value is a plain term, all of it.
-spec is_known(value()) -> boolean().
is_known({Tag, _, _, _}) when ?IS_OPAQUE(Tag) -> false;
is_known({Tag, _, _}) when ?IS_OPAQUE(Tag) -> false;
is_known(Tuple) when is_tuple(Tuple), tuple_size(Tuple) > 0, (element(1, Tuple) =:= '$fun' orelse element(1, Tuple) =:= '$started') -> false;
is_known(Tuple) when is_tuple(Tuple) -> lists:all(fun is_known/1, tuple_to_list(Tuple));
is_known([Head | Tail]) -> is_known(Head) andalso is_known(Tail);
is_known(Map) when is_map(Map) -> is_known(maps:to_list(Map));
is_known('$none') -> false;
is_known(_) -> true.

is_opaque({Tag, _, _, _}) when ?IS_OPAQUE(Tag) -> true;
is_opaque({'$append', _, _}) -> true;
is_opaque('$none') -> true;
is_opaque(_) -> false.

%% --- functions ---

local(Name, Args, Line, #program{module = Module, modules = Modules} = Program) ->
    case maps:get({Name, length(Args)}, maps:get(Module, Modules, #{}), none) of
        none -> unknown(Line, called(none, Name, Args), {call, Module, Name, length(Args)});
        Clauses -> enter(Clauses, {none, Name, Args}, Line, Program)
    end.

remote(Module, Name, Args, Line, #program{modules = Modules} = Program) ->
    case migrator_pure:started(Module, Name, Args) of
        none when is_map_key({Name, length(Args)}, map_get(Module, Modules)) ->
            enter(maps:get({Name, length(Args)}, maps:get(Module, Modules)), {Module, Name, Args}, Line, Program#program{module = Module});
        none -> migrator_pure:call(Module, Name, Args, fun(Fun, Given) -> apply_fun(Fun, Given, Line, Program) end,
                                   fun() -> unknown(Line, called(Module, Name, Args), {call, Module, Name, length(Args)}) end);
        Started -> {ok, Started}
    end.

enter(Clauses, {As, Name, Args}, Line, #program{module = Module, depth = Depth, budget = Budget, active = Active} = Program) ->
    counters:add(Budget, 1, 1),
    Function = {Module, Name, length(Args)},
    Rounds = maps:get(Function, Active, 0),
    Endless = Rounds >= ?MOST_ROUNDS andalso lists:any(fun is_opaque/1, Args),
    case Depth < ?DEEPEST andalso counters:get(Budget, 1) < ?MOST_STEPS andalso not Endless of
        true ->
            Inside = Program#program{depth = Depth + 1, active = Active#{Function => Rounds + 1}},
            {Value, _} = clauses(Clauses, Args, #{}, Line, fun() -> called(As, Name, Args) end, Inside),
            Value;
        false ->
            unknown(Line, called(As, Name, Args), too_deep)
    end.

apply_fun(Fun, Args, Line, #program{budget = Budget} = Program) ->
    counters:add(Budget, 1, 1),
    case counters:get(Budget, 1) < ?MOST_STEPS of
        true -> applied(Fun, Args, Line, Program);
        false -> unknown(Line, "a fun", too_deep)
    end.

applied({'$fun', Module, Clauses, Env}, Args, Line, Program) ->
    {Value, _} = clauses([{clause, A, Head, Guards, Body} || {clause, A, Head, Guards, Body} <- Clauses, length(Head) =:= length(Args)],
                         Args, {hide, Env}, Line, "a fun", Program#program{module = Module}),
    Value;
applied({'$fun', Module, Name}, Args, Line, Program) -> local(Name, Args, Line, Program#program{module = Module});
applied({'$fun', Module, Name, remote, _}, Args, Line, Program) -> remote(Module, Name, Args, Line, Program);
applied(_, _, Line, _) -> unknown(Line, "a fun", 'fun').

called(Module, Name, Args) ->
    migrator_pure:text(case Module of none -> {Name, Args}; _ -> {Module, Name, Args} end).

%% The clauses that these values may come to: what they give, and what they leave bound.
clauses(Clauses, Args, Env, Line, Text, Program) ->
    Split = [Args1 || Args1 <- split(Args)],
    Results = lists:append([taken(Clauses, Given, Env, Program) || Given <- Split]),
    {join([Value || {Value, _} <- Results], Line, Text), join_environments([Bound || {Value, Bound} <- Results, Value =/= '$none'], Line, Text)}.

%% Where one value is one of some, each of these by itself.
split([{'$some', _, _, Values}]) -> [[Value] || Value <- Values];
split(Args) -> [Args].

taken([{clause, _, Head, Guards, Body} | Rest], Args, Env, Program) when length(Head) =:= length(Args) ->
    Outside = case Env of {hide, Outer} -> maps:without(migrator_expr:pattern_variables(Head), Outer); _ -> Env end,
    case match_all(Head, Args, Outside) of
        no -> taken(Rest, Args, Env, Program);
        {Sure, Bound} ->
            case guards(Guards, Bound, Program) of
                false -> taken(Rest, Args, Env, Program);
                true when Sure =:= yes -> [body(Body, Bound, Program)];
                _ -> [body(Body, Bound, Program) | taken(Rest, Args, Env, Program)]
            end
    end;
taken(_, _, _, _) -> [].

guards([], _, _) -> true;
guards(Guards, Env, Program) ->
    any([all([truth(value(Test, Env, Program)) || Test <- Tests]) || Tests <- Guards]).

any(Truths) -> case {lists:member(true, Truths), lists:member(maybe_true, Truths)} of {true, _} -> true; {_, true} -> maybe_true; _ -> false end.

all(Truths) -> case {lists:member(false, Truths), lists:member(maybe_true, Truths)} of {true, _} -> false; {_, true} -> maybe_true; _ -> true end.

truth(true) -> true;
truth(Value) -> case is_opaque(Value) andalso Value =/= '$none' of true -> maybe_true; false -> false end.

%% --- what may be several things ---

join(Values, Line, Text) ->
    case lists:foldl(fun('$none', Acc) -> Acc;
                        ({'$some', _, _, Inner}, Acc) -> lists:foldl(fun add/2, Acc, Inner);
                        (Value, Acc) -> add(Value, Acc)
                     end, [], Values) of
        [] -> '$none';
        [Value] -> Value;
        Several when length(Several) > ?MOST_ALTERNATIVES -> unknown(Line, told(Text), branches);
        Several -> {'$some', Line, unicode:characters_to_binary(told(Text)), lists:reverse(Several)}
    end.

told(Text) when is_function(Text) -> Text();
told(Text) -> Text.

add(Value, Acc) -> case lists:member(Value, Acc) of true -> Acc; false -> [Value | Acc] end.

join_environments([], _, _) -> #{};
join_environments([Env], _, _) -> Env;
join_environments([First | Rest] = All, Line, Text) ->
    Names = [Name || Name <- maps:keys(First), lists:all(fun(Env) -> is_map_key(Name, Env) end, Rest)],
    maps:from_list([{Name, join([maps:get(Name, Env) || Env <- All], Line, Text)} || Name <- Names]).

%% --- expressions ---

body([Last], Env, Program) -> expr(Last, Env, Program);
body([Expr | Rest], Env, Program) ->
    case expr(Expr, Env, Program) of
        {'$none', Bound} -> {'$none', Bound};
        {_, Bound} -> body(Rest, Bound, Program)
    end.

value(Expr, Env, Program) -> element(1, expr(Expr, Env, Program)).

values(Exprs, Env, Program) ->
    lists:mapfoldl(fun(Expr, Acc) -> expr(Expr, Acc, Program) end, Env, Exprs).

expr({match, _, Pattern, Expr}, Env, Program) ->
    {Value, Bound} = expr(Expr, Env, Program),
    case match(Pattern, Value, Bound) of
        no -> {'$none', Bound};
        {_, New} -> {Value, New}
    end;
expr({var, Anno, Name}, Env, _) -> {maps:get(Name, Env, unknown(line(Anno), atom_to_list(Name), variable)), Env};
expr({Literal, _, Value}, Env, _) when Literal =:= atom; Literal =:= integer; Literal =:= float; Literal =:= char; Literal =:= string -> {Value, Env};
expr({nil, _}, Env, _) -> {[], Env};
expr({cons, _, Head, Tail}, Env, Program) ->
    {[First, Rest], Bound} = values([Head, Tail], Env, Program),
    {none_or([First, Rest], [First | Rest]), Bound};
expr({tuple, _, Elements}, Env, Program) ->
    {Values, Bound} = values(Elements, Env, Program),
    {none_or(Values, list_to_tuple(Values)), Bound};
expr({map, Anno, Fields}, Env, Program) -> fields(#{}, Anno, Fields, Env, Program);
expr({map, Anno, Of, Fields}, Env, Program) ->
    {Map, Bound} = expr(Of, Env, Program),
    case Map of
        {'$some', Line, Text, Maps} -> {join([element(1, fields(Each, Anno, Fields, Bound, Program)) || Each <- Maps], Line, Text), Bound};
        #{} -> fields(Map, Anno, Fields, Bound, Program);
        _ -> {unknown(line(Anno), text({map, Anno, Of, Fields}), map), Bound}
    end;
expr({block, _, Body}, Env, Program) -> body(Body, Env, Program);
expr({'case', Anno, Of, Clauses}, Env, Program) ->
    {Value, Bound} = expr(Of, Env, Program),
    {Result, After} = clauses(Clauses, [Value], Bound, line(Anno), fun() -> text(Of) end, Program),
    {Result, maps:merge(Bound, After)};
expr({'if', Anno, Clauses}, Env, Program) ->
    {Result, After} = clauses(Clauses, [], Env, line(Anno), fun() -> text({'if', Anno, Clauses}) end, Program),
    {Result, maps:merge(Env, After)};
expr({'try', Anno, Body, [], Handlers, _}, Env, Program) ->
    {Value, _} = body(Body, Env, Program),
    %% What a call may raise is not known: where the body is known to the last, it raises nothing.
    Other = case is_known(Value) of
        true -> [];
        false -> [element(1, body(Handler, Env, Program)) || {clause, _, _, _, Handler} <- Handlers]
    end,
    {join([Value | Other], line(Anno), "try"), Env};
expr({'try', Anno, Body, Clauses, Handlers, _}, Env, Program) ->
    {Value, Bound} = body(Body, Env, Program),
    {Result, _} = clauses(Clauses, [Value], Bound, line(Anno), "try", Program),
    Other = [element(1, body(Handler, Env, Program)) || {clause, _, _, _, Handler} <- Handlers],
    {join([Result | Other], line(Anno), "try"), Env};
expr({'catch', _, Expr}, Env, Program) -> {value(Expr, Env, Program), Env};
expr({op, Anno, Op, Left, Right}, Env, Program) when Op =:= 'andalso'; Op =:= 'orelse' ->
    Decided = Op =:= 'orelse',
    {case value(Left, Env, Program) of
        Decided -> Decided;
        Other when is_boolean(Other) -> value(Right, Env, Program);
        _ -> join([Decided, value(Right, Env, Program)], line(Anno), fun() -> text(Left) end)
     end, Env};
expr({op, Anno, Op, Left, Right} = Expr, Env, Program) ->
    {Values, Bound} = values([Left, Right], Env, Program),
    {pure(erlang, Op, Values, Anno, Expr, Program), Bound};
expr({op, Anno, Op, Right} = Expr, Env, Program) -> {pure(erlang, Op, [value(Right, Env, Program)], Anno, Expr, Program), Env};
expr({call, Anno, {remote, _, ModuleExpr, NameExpr}, ArgExprs} = Expr, Env, Program) ->
    {[Module, Name | Args], Bound} = values([ModuleExpr, NameExpr | ArgExprs], Env, Program),
    {case is_atom(Module) andalso is_atom(Name) andalso none_or(Args, fine) of
         '$none' -> '$none';
         false -> unknown(line(Anno), text(Expr), call);
         fine -> remote(Module, Name, Args, line(Anno), Program)
     end, Bound};
expr({call, Anno, {atom, _, Name}, ArgExprs}, Env, Program) ->
    {Args, Bound} = values(ArgExprs, Env, Program),
    {case none_or(Args, fine) of
         '$none' -> '$none';
         fine ->
             Own = maps:get(Program#program.module, Program#program.modules, #{}),
             case is_map_key({Name, length(Args)}, Own) orelse not erl_internal:bif(Name, length(Args)) of
                 true -> local(Name, Args, line(Anno), Program);
                 false -> remote(erlang, Name, Args, line(Anno), Program)
             end
     end, Bound};
expr({call, Anno, Fun, ArgExprs}, Env, Program) ->
    {[Value | Args], Bound} = values([Fun | ArgExprs], Env, Program),
    {apply_fun(Value, Args, line(Anno), Program), Bound};
expr({lc, Anno, Each, Qualifiers}, Env, Program) -> {comprehension(Each, Qualifiers, Env, line(Anno), Program), Env};
expr({'fun', _, {clauses, Clauses}}, Env, #program{module = Module}) -> {{'$fun', Module, Clauses, Env}, Env};
expr({'fun', _, {function, Name, _}}, Env, #program{module = Module}) -> {{'$fun', Module, Name}, Env};
expr({'fun', _, {function, {atom, _, Module}, {atom, _, Name}, {integer, _, Arity}}}, Env, _) -> {{'$fun', Module, Name, remote, Arity}, Env};
expr({bin, Anno, _} = Expr, Env, _) ->
    {case migrator_expr:constant(Expr, #{}) of
         true -> {value, Value, _} = erl_eval:expr(Expr, #{}), Value;
         false -> unknown(line(Anno), text(Expr), binary)
     end, Env};
expr(Expr, Env, _) -> {unknown(line(element(2, Expr)), text(Expr), element(1, Expr)), Env}.

none_or(Values, Otherwise) ->
    case lists:member('$none', Values) of true -> '$none'; false -> Otherwise end.

pure(Module, Name, Args, Anno, Expr, Program) ->
    migrator_pure:call(Module, Name, Args, fun(Fun, Given) -> apply_fun(Fun, Given, line(Anno), Program) end,
                       fun() -> unknown(line(Anno), text(Expr), operator) end).

fields(Map, Anno, Fields, Env, Program) ->
    {lists:foldl(fun({_, _, KeyExpr, ValueExpr}, Acc) when is_map(Acc) ->
                         Key = value(KeyExpr, Env, Program),
                         case is_known(Key) of
                             true -> Acc#{Key => value(ValueExpr, Env, Program)};
                             false -> unknown(line(Anno), text({map, Anno, Fields}), map)
                         end;
                    (_, Acc) -> Acc
                 end, Map, Fields), Env}.

%% What a comprehension gives is a list; of a part of its source that is not known nothing is.
comprehension(Each, [], Env, _, Program) when is_list(Each) -> element(1, values(Each, Env, Program));
comprehension(Each, [], Env, _, Program) -> [value(Each, Env, Program)];
comprehension(Each, [Qualifier | Rest], Env, Line, Program) ->
    case migrator_expr:generator(Qualifier) of
        none ->
            case truth(value(Qualifier, Env, Program)) of
                true -> comprehension(Each, Rest, Env, Line, Program);
                false -> [];
                maybe_true -> join([comprehension(Each, Rest, Env, Line, Program), []], Line, fun() -> text(Qualifier) end)
            end;
        {Pattern, Source} when element(1, Qualifier) =:= generate; element(1, Qualifier) =:= generate_strict ->
            elements(value(Source, Env, Program), Pattern, Each, Rest, Env, Line, Program);
        _ -> unknown(Line, "a comprehension", lc)
    end.

elements([First | More], Pattern, Each, Rest, Env, Line, Program) ->
    Inner = case match(Pattern, First, maps:without(migrator_expr:pattern_variables(Pattern), Env)) of
        no -> [];
        {_, Bound} -> comprehension(Each, Rest, Bound, Line, Program)
    end,
    migrator_pure:append(Inner, elements(More, Pattern, Each, Rest, Env, Line, Program));
elements([], _, _, _, _, _, _) -> [];
elements({'$append', One, Other}, Pattern, Each, Rest, Env, Line, Program) ->
    migrator_pure:append(elements(One, Pattern, Each, Rest, Env, Line, Program), elements(Other, Pattern, Each, Rest, Env, Line, Program));
elements({'$some', At, Text, Lists}, Pattern, Each, Rest, Env, Line, Program) ->
    join([elements(List, Pattern, Each, Rest, Env, Line, Program) || List <- Lists], At, Text);
elements({'$unknown', _, _, _} = List, Pattern, Each, Rest, Env, Line, Program) ->
    migrator_pure:each_of(List, fun(One) -> elements([One], Pattern, Each, Rest, Env, Line, Program) end, none);
elements(_, _, _, _, _, _, _) -> '$none'.

%% --- patterns ---

match_all([Pattern | Patterns], [Value | Values], Env) ->
    case match(Pattern, Value, Env) of
        no -> no;
        {Sure, Bound} ->
            case match_all(Patterns, Values, Bound) of
                no -> no;
                {yes, Last} -> {Sure, Last};
                Other -> Other
            end
    end;
match_all([], [], Env) -> {yes, Env}.

match(_, '$none', _) -> no;
match({var, _, '_'}, _, Env) -> {yes, Env};
match({var, _, Name}, Value, Env) ->
    case Env of
        #{Name := Value} -> {yes, Env};
        #{Name := Known} ->
            case is_known(Known) andalso is_known(Value) of
                true -> no;
                false -> {maybe_true, Env}
            end;
        #{} -> {yes, Env#{Name => Value}}
    end;
match({match, _, Left, Right}, Value, Env) -> match_all([Left, Right], [Value, Value], Env);
match(Pattern, {'$some', Line, Text, Values}, Env) ->
    case [Matched || Value <- Values, Matched <- [match(Pattern, Value, Env)], Matched =/= no] of
        [] -> no;
        Found ->
            Sure = length(Found) =:= length(Values) andalso lists:all(fun({How, _}) -> How =:= yes end, Found),
            {case Sure of true -> yes; false -> maybe_true end, join_environments([Bound || {_, Bound} <- Found], Line, Text)}
    end;
match(Pattern, {Tag, _, _, _} = Value, Env) when ?IS_OPAQUE(Tag) -> {maybe_true, parts_of(Pattern, Value, Env)};
match(Pattern, {'$append', _, _} = Value, Env) -> {maybe_true, parts_of(Pattern, Value, Env)};
match({tuple, _, Patterns}, Value, Env) when is_tuple(Value), tuple_size(Value) =:= length(Patterns) ->
    match_all(Patterns, tuple_to_list(Value), Env);
match({cons, _, Head, Tail}, [First | Rest], Env) -> match_all([Head, Tail], [First, Rest], Env);
match({nil, _}, [], Env) -> {yes, Env};
match({map, _, Fields}, Map, Env) when is_map(Map) ->
    lists:foldl(fun(_, no) -> no;
                   ({map_field_exact, _, KeyExpr, Pattern}, {Sure, Bound}) ->
                        case Map of
                            #{} when not is_map_key(element(3, KeyExpr), Map) -> no;
                            #{} ->
                                case match(Pattern, maps:get(element(3, KeyExpr), Map), Bound) of
                                    {yes, New} -> {Sure, New};
                                    Other -> Other
                                end
                        end
                end, {yes, Env}, Fields);
match({op, _, '++', {string, _, Prefix}, Pattern}, Value, Env) when is_list(Value) ->
    case lists:prefix(Prefix, Value) of
        true -> match(Pattern, lists:nthtail(length(Prefix), Value), Env);
        false -> no
    end;
match({Literal, _, Value}, Value, Env) when Literal =:= atom; Literal =:= integer; Literal =:= float; Literal =:= char; Literal =:= string -> {yes, Env};
match({bin, _, _} = Pattern, Value, Env) when is_binary(Value) -> {maybe_true, parts_of(Pattern, unknown(0, "a binary", binary), Env)};
match(_, _, _) -> no.

%% The variables of a pattern that something unknown is matched with.
parts_of(Pattern, Value, Env) ->
    {Line, Text, Why} = case Value of {'$unknown', At, Of, From} -> {At, Of, From}; _ -> {0, <<"a list">>, part} end,
    maps:merge(maps:from_list([{Name, unknown(Line, [atom_to_list(Name), " of ", Text], Why)} || Name <- migrator_expr:pattern_variables(Pattern)]), Env).

line(Anno) -> migrator_text:line(Anno).

text(Expr) -> migrator_pure:shortened(erl_pp:expr(migrator_otp:printable(Expr))).
