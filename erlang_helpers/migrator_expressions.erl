%% Expressions that a person wrote into a decisions file: parsed and linted as code of the module that they are for, the fields
%% that they read turned into variables. Nothing is evaluated.
-module(migrator_expressions).

-export([expressions/2]).

-type wanted() :: {Text :: binary(), Line :: pos_integer(), Column :: pos_integer(), Holder :: atom(), Value :: boolean()}.
-type place() :: {pos_integer(), pos_integer()}.
-type checked() :: {ok, binary(), boolean(), [{binary(), atom(), atom(), pos_integer(), pos_integer()}]}
                 | {error, pos_integer(), pos_integer(), binary()}.

%% The answers stand in the order of the expressions.
-spec expressions(binary(), [wanted()]) -> [checked()].
expressions(Beam, Wanted) ->
    #{forms := Carried} = migrator_beam:open(Beam),
    Context = context(migrator_forms:eject(Carried)),
    [try expression(Each, Context) catch throw:{refused, {Line, Column}, Why} -> {error, Line, Column, migrator_text:text(Why)} end
     || Each <- Wanted].

expression({Text, Line, Column, Holder, Value}, Context) ->
    Parsed = parse(Text, {Line, Column}),
    Reads = reads(Parsed, Holder),
    Exprs = replace(Parsed, Holder, maps:from_list([{{Record, Field}, Name} || {Name, Record, Field, _} <- Reads])),
    [refused(Anno, io_lib:format("~ts stands for the whole record: write ~ts#RECORD.FIELD", [Holder, Holder]))
     || {Anno, Name} <- used(Exprs), Name =:= Holder],
    Used = [Anno || {Anno, 'Value'} <- used(Exprs)] =/= [],
    lint(Exprs, [Name || {Name, _, _, _} <- Reads] ++ ['Value' || Value], {Line, Column}, Context),
    Printed = lists:join(<<",\n    ">>, [migrator_text:expr(Expr) || Expr <- Exprs]),
    {ok, iolist_to_binary(Printed), Value andalso Used,
     [begin {L, C} = place(Anno), {migrator_text:text(Name), Record, Field, L, C} end || {Name, Record, Field, Anno} <- Reads]}.

parse(Text, Start) ->
    migrator_otp:either(fun(Options) ->
        case erl_scan:string(unicode:characters_to_list(Text) ++ " .", Start, Options) of
            {ok, Tokens, _} ->
                case erl_parse:parse_exprs(Tokens) of
                    {ok, Exprs} -> Exprs;
                    {error, Error} -> refused(Error)
                end;
            {error, Error, _} ->
                refused(Error)
        end
    end).

%% --- the fields that it reads ---

%% {Variable, Record, Field, Anno} of each Holder#Record.Field, in order, each once.
reads(Exprs, Holder) ->
    Found = lists:reverse(migrator_expr:fold(
        fun({record_field, _, {var, Anno, Name}, Record, {atom, _, Field}}, Acc) when Name =:= Holder ->
                [{Record, Field, Anno} || not lists:any(fun({R, F, _}) -> {R, F} =:= {Record, Field} end, Acc)] ++ Acc;
           (_, Acc) ->
                Acc
        end, [], Exprs)),
    Taken = ['Value', 'Old', 'New' | migrator_expr:variables(Exprs)],
    {Reads, _} = lists:mapfoldl(fun({Record, Field, Anno}, Names) ->
                                    Name = fresh(camel(atom_to_list(Field)), 1, Names),
                                    {{Name, Record, Field, Anno}, [Name | Names]}
                                end, Taken, Found),
    Reads.

%% user_name becomes UserName; what no variable can have in it is left out.
camel(Field) ->
    Words = string:lexemes([case plain(Char) of true -> Char; false -> $\s end || Char <- Field], " "),
    case lists:append([string:titlecase(Word) || Word <- Words]) of
        [First | _] = Name when First >= $A, First =< $Z -> Name;
        Name -> "Field" ++ Name
    end.

plain(Char) ->
    (Char >= $a andalso Char =< $z) orelse (Char >= $A andalso Char =< $Z) orelse (Char >= $0 andalso Char =< $9).

fresh(Wanted, Number, Taken) ->
    Name = list_to_atom(Wanted ++ [Digit || Number > 1, Digit <- integer_to_list(Number)]),
    case lists:member(Name, Taken) of
        true -> fresh(Wanted, Number + 1, Taken);
        false -> Name
    end.

replace({record_field, _, {var, Anno, Holder}, Record, {atom, _, Field}}, Holder, Names) ->
    {var, Anno, maps:get({Record, Field}, Names)};
replace(Tuple, Holder, Names) when is_tuple(Tuple) ->
    list_to_tuple(replace(tuple_to_list(Tuple), Holder, Names));
replace([First | Rest], Holder, Names) ->
    [replace(First, Holder, Names) | replace(Rest, Holder, Names)];
replace(Other, _, _) ->
    Other.

used(Exprs) ->
    lists:reverse(migrator_expr:fold(fun({var, Anno, Name}, Acc) -> [{Anno, Name} | Acc]; (_, Acc) -> Acc end, [], Exprs)).

%% --- what the compiler would say ---

%% What an expression can name of the module: its records and imports, and its functions by name alone. They have no
%% columns, and so are told from the expression.
context(Forms) ->
    Attributes = [setelement(2, bare(Form), 1) || {attribute, _, Kind, _} = Form <- Forms,
                  Kind =:= module orelse Kind =:= record orelse Kind =:= import orelse Kind =:= compile],
    {[{attribute, 1, file, {"decisions", 1}} | Attributes],
     [{function, 1, Name, Arity, [{clause, 1, lists:duplicate(Arity, {var, 1, '_'}), [], [{atom, 1, ok}]}]}
      || {function, _, Name, Arity, _} <- Forms]}.

%% Types and defaults are the module's own affair.
bare({attribute, Anno, record, {Name, Fields}}) ->
    {attribute, Anno, record, {Name, [bare_field(Field) || Field <- Fields]}};
bare(Form) ->
    Form.

bare_field({typed_record_field, Field, _}) -> bare_field(Field);
bare_field({record_field, Anno, Name, _}) -> {record_field, Anno, Name};
bare_field(Field) -> Field.

lint(Exprs, Parameters, Start, {Attributes, Functions}) ->
    Head = [{var, Start, Name} || Name <- Parameters],
    Function = {function, Start, '-expression-', length(Head), [{clause, Start, Head, [], Exprs}]},
    case erl_lint:module(Attributes ++ Functions ++ [Function], "decisions", []) of
        {ok, _} ->
            ok;
        {error, Found, _} ->
            [refused(First) || First <- lists:sort([Error || {_, Errors} <- Found, {{_, _}, _, _} = Error <- Errors])],
            ok
    end.

-spec refused({term(), module(), term()}) -> no_return().
refused({Position, Module, Reason}) ->
    refused(Position, Module:format_error(Reason)).

-spec refused(term(), iodata()) -> no_return().
refused(Position, Why) ->
    throw({refused, place(Position), unicode:characters_to_binary(Why)}).

-spec place(term()) -> place().
place({Line, Column}) -> {Line, Column};
place(Anno) -> {erl_anno:line(Anno), max(1, erl_anno:column(Anno))}.
