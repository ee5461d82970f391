%% Evaluates a script of the user's own: what it calls is loaded and run. For a throw-away node only.
-module(migrator_script).

-export([evaluate/3]).

%% The text of the value of the script's last expression, or the line and what went wrong there: of an exception, the line where
%% the expression begins. Path: folders of beams that it may call; Values: what is bound when it begins.
-spec evaluate(binary(), [binary()], [{binary(), atom() | binary()}]) -> {ok, binary()} | {error, integer(), binary()}.
evaluate(Script, Path, Values) ->
    ok = code:add_pathsz([unicode:characters_to_list(Each) || Each <- Path]),
    try forms(erl_scan:string(unicode:characters_to_list(Script))) of
        [] -> {error, 1, <<"it has no expression">>};
        Expressions -> run(Expressions, lists:foldl(fun bind/2, erl_eval:new_bindings(), Values))
    catch
        throw:{wrong, Line, Module, What} -> {error, Line, migrator_relup:text(Module:format_error(What))}
    end.

bind({Name, Value}, Bindings) -> erl_eval:add_binding(binary_to_atom(Name, utf8), value(Value), Bindings).

value(Value) when is_atom(Value) -> Value;
value(Value) -> unicode:characters_to_list(Value).

%% Expressions as file:script/2 reads them: up to each full stop.
forms({error, {Line, Module, What}, _}) -> throw({wrong, Line, Module, What});
forms({ok, [], _}) -> [];
forms({ok, Tokens, End}) ->
    {Form, Rest} = lists:splitwith(fun(Token) -> element(1, Token) =/= dot end, Tokens),
    case Rest of
        [] -> throw({wrong, End, erl_parse, ["a full stop is missing"]});
        [Dot | More] -> parsed(Form ++ [Dot]) ++ forms({ok, More, End})
    end.

parsed(Tokens) ->
    case erl_parse:parse_exprs(Tokens) of
        {ok, Expressions} -> Expressions;
        {error, {Line, Module, What}} -> throw({wrong, Line, Module, What})
    end.

run([Expression | Rest], Bindings) ->
    try erl_eval:expr(Expression, Bindings) of
        {value, Value, _} when Rest =:= [] -> {ok, migrator_relup:text(io_lib:format("~tp", [Value]))};
        {value, _, More} -> run(Rest, More)
    catch
        Class:Reason:Stack -> {error, erl_anno:line(element(2, Expression)), exception(Class, Reason, Stack)}
    end.

%% As the shell shows it, but for the stack, which is that of the evaluation.
exception(error, {unbound_var, Name}, _) ->
    migrator_relup:text(io_lib:format("variable ~ts is unbound", [Name]));
%% Since OTP 29 with a name that is bound and much like it.
exception(error, {unbound_var, Name, _}, Stack) ->
    exception(error, {unbound_var, Name}, Stack);
exception(error, undef, [{Module, Function, Arguments, _} | _]) ->
    Arity = if is_list(Arguments) -> length(Arguments); true -> Arguments end,
    migrator_relup:text(io_lib:format("undefined function ~tp:~tp/~w", [Module, Function, Arity]));
exception(Class, Reason, _) ->
    Format = fun(Term, _) -> io_lib:format("~tP", [Term, 12]) end,
    string:trim(migrator_relup:text(erl_error:format_exception(Class, Reason, [], #{format_fun => Format})), both, "* \n").
