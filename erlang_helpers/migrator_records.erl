%% The records and types of a module: what is defined, what reaches what, and each default both as it was
%% written and as plain Erlang that needs no record of this module.
-module(migrator_records).

-export([definitions/1, fields/2, all/1, reached/3, facts/4, natives/2, types/2, type_texts/2, type_index/1, index/1, variables/1, defaults/1]).

-export_type([definitions/0]).

-type type_key() :: {atom(), arity()}.
-type field() :: {atom(), erl_anno:anno(), none | erl_parse:abstract_expr(), none | erl_parse:abstract_type()}.
-type definitions() ::
    #{forms := [term()],
      module := module(),
      functions := #{{atom(), arity()} => true},
      order := [atom()],
      records := #{atom() => {string(), erl_anno:anno(), [field()], [term()]}},
      natives := #{atom() => private | exported},
      type_order := [type_key()],
      types := #{type_key() => {[term()], term()}}}.

%% One pass over the forms, file by file, as the annotations of included records count from their own file.
-spec definitions([term()]) -> definitions().
definitions(Forms0) ->
    Forms = migrator_natives:imported(restore(Forms0)),
    Empty = #{forms => Forms, module => none, functions => #{}, order => [], records => #{}, natives => #{}, type_order => [], types => #{}},
    {_, Definitions} = lists:foldl(fun definition/2, {"", Empty}, Forms),
    #{order := Order, type_order := Types, natives := Natives} = Definitions,
    Exported = maps:from_list([{Name, exported} || {attribute, _, export_record, Names} <- Forms, Name <- Names, is_map_key(Name, Natives)]),
    Definitions#{order := lists:reverse(Order), type_order := lists:reverse(Types), natives := maps:merge(Natives, Exported)}.

%% Before OTP 19 the types of a record stood in an attribute of their own.
restore(Forms) ->
    case [old || {attribute, _, type, {{record, _}, _, _}} <- Forms] of
        [] -> Forms;
        _ -> epp:restore_typed_record_fields(Forms)
    end.

definition({attribute, _, file, {File, _}}, {_, Found}) ->
    {File, Found};
definition({attribute, Anno, record, {Name, Fields}}, {File, #{order := Order, records := Records} = Found}) ->
    Record = {own_file(Anno, File), Anno, [field(Field) || Field <- Fields], Fields},
    {File, Found#{order := [Name | Order], records := Records#{Name => Record}}};
definition({attribute, Anno, native_record, {Name, Fields}}, {File, #{natives := Natives} = Found}) ->
    definition({attribute, Anno, record, {Name, Fields}}, {File, Found#{natives := Natives#{Name => private}}});
definition({attribute, _, Kind, {Name, Type, Parameters}}, {File, #{type_order := Order, types := Types} = Found})
        when Kind =:= type; Kind =:= opaque; Kind =:= nominal ->
    Key = {Name, length(Parameters)},
    {File, Found#{type_order := [Key | Order], types := Types#{Key => {Parameters, Type}}}};
definition({attribute, _, module, Module}, {File, Found}) ->
    {File, Found#{module := Module}};
definition({function, _, Name, Arity, _}, {File, #{functions := Functions} = Found}) ->
    {File, Found#{functions := Functions#{{Name, Arity} => true}}};
definition(_, Acc) ->
    Acc.

own_file(Anno, File) ->
    case erl_anno:file(Anno) of
        undefined -> File;
        Own -> Own
    end.

field({typed_record_field, Field, Type}) -> setelement(4, field(Field), Type);
field({record_field, _, {atom, Anno, Name}}) -> {Name, Anno, none, none};
field({record_field, _, {atom, Anno, Name}, Default}) -> {Name, Anno, Default, none}.

%% A record's fields: name, place, default and type.
-spec fields(atom(), definitions()) -> [field()].
fields(Name, #{records := Records}) ->
    {_, _, Fields, _} = maps:get(Name, Records),
    Fields.

%% The names of all its records and types.
-spec all(definitions()) -> {[atom()], [type_key()]}.
all(#{order := Order, type_order := Types}) ->
    {Order, Types}.

%% The records and types that these names reach, through types, user types and defaults; those that do not exist left out.
-spec reached([atom()], [type_key()], definitions()) -> {[atom()], [type_key()]}.
reached(Records, Types, #{order := Order, type_order := TypeOrder} = Definitions) ->
    Reached = reach([{record, Name} || Name <- Records] ++ [{type, Key} || Key <- Types], #{}, Definitions),
    {[Name || Name <- Order, is_map_key({record, Name}, Reached)],
     [Key || Key <- TypeOrder, is_map_key({type, Key}, Reached)]}.

reach([Thing | Things], Seen, Definitions) when is_map_key(Thing, Seen) ->
    reach(Things, Seen, Definitions);
reach([Thing | Things], Seen, Definitions) ->
    reach(named_by(Thing, Definitions) ++ Things, Seen#{Thing => true}, Definitions);
reach([], Seen, _) ->
    Seen.

named_by({record, Name}, #{records := Records} = Definitions) ->
    case Records of
        #{Name := {_, _, _, Fields}} -> mentioned(Fields, Definitions);
        #{} -> []
    end;
named_by({type, Key}, #{types := Types} = Definitions) ->
    case Types of
        #{Key := {_, Type}} -> mentioned(Type, Definitions);
        #{} -> []
    end.

mentioned(Form, #{module := Module}) ->
    migrator_expr:fold(fun(Node, Acc) -> mention(Node, Module, Acc) end, [], Form).

mention({type, _, record, [{atom, _, Name} | _]}, _, Acc) -> [{record, Name} | Acc];
mention({type, _, record, [{tuple, _, [{atom, _, Module}, {atom, _, Name}]}]}, Module, Acc) -> [{record, Name} | Acc];
mention({user_type, _, Name, Args}, _, Acc) -> [{type, {Name, length(Args)}} | Acc];
mention({remote_type, _, [{atom, _, Module}, {atom, _, Name}, Args]}, Module, Acc) -> [{type, {Name, length(Args)}} | Acc];
mention({record, _, Name, _}, _, Acc) when is_atom(Name) -> [{record, Name} | Acc];
mention({record, _, _, Name, _}, _, Acc) -> [{record, Name} | Acc];
mention({record_field, _, _, Name, _}, _, Acc) -> [{record, Name} | Acc];
mention({record_index, _, Name, _}, _, Acc) -> [{record, Name} | Acc];
mention({call, _, {atom, _, is_record}, [_, {atom, _, Name} | _]}, _, Acc) -> [{record, Name} | Acc];
mention({call, _, {remote, _, _, {atom, _, is_record}}, [_, {atom, _, Name} | _]}, _, Acc) -> [{record, Name} | Acc];
mention({call, _, {atom, _, record_info}, [_, {atom, _, Name}]}, _, Acc) -> [{record, Name} | Acc];
mention(_, _, Acc) -> Acc.

%% What the protocol says of these records. Options are those of the compilation; Told says whether the defaults are
%% to be as this module writes them, or as another one would.
-spec facts([atom()], [term()], here | elsewhere, definitions()) -> [tuple()].
facts(Names, Options, Told, #{records := Records, forms := Forms, module := Module} = Definitions) ->
    Scope = #{module => Module, clauses => migrator_flow:functions(Forms), imports => migrator_expr:imports(Forms)},
    Chosen = [{Name, maps:get(Name, Records)} || Name <- Names],
    Written = [Default || {_, {_, _, Fields, _}} <- Chosen, {_, _, Default, _} <- Fields, Default =/= none],
    {Facts, []} = lists:mapfoldl(
        fun({Name, {File, Anno, Fields, _}}, Expanded0) ->
            {FieldFacts, Expanded} = lists:mapfoldl(fun(Field, Acc) -> field_fact(Field, Acc, Told, Definitions, Scope) end, Expanded0, Fields),
            {{Name, migrator_text:text(File), migrator_text:line(Anno), FieldFacts}, Expanded}
        end, expand(Written, Options, Definitions), Chosen),
    Facts.

field_fact({Name, Anno, none, Type}, Expanded, _, _, _) ->
    {{Name, migrator_text:line(Anno), none, type_fact(Type)}, Expanded};
%% Written as only a later OTP allows it.
field_fact({Name, Anno, Written, Type}, [unknown | Expanded], _, _, Scope) ->
    Text = migrator_text:expr(Written),
    Default = {Text, Text, false, [], [{none, <<>>, syntax}], migrator_yields:yields(Written, #{}, Scope)},
    {{Name, migrator_text:line(Anno), Default, type_fact(Type)}, Expanded};
field_fact({Name, Anno, Written, Type}, [Plain | Expanded], Told, #{module := Module, functions := Functions}, Scope) ->
    Said = case Told of
        here -> Plain;
        elsewhere -> migrator_remote:qualify(Plain, Module, Functions)
    end,
    Default = {migrator_text:expr(Written), migrator_text:expr(Said),
               migrator_expr:constant(Plain, #{}), migrator_expr:calls(Plain, Module, Functions),
               migrator_otp:missing(migrator_expr:remote_calls(Plain)),
               migrator_yields:yields(Written, #{}, Scope)},
    {{Name, migrator_text:line(Anno), Default, type_fact(Type)}, Expanded}.

%% Those of these records that are native: with their access, whatever module may match and read their fields.
-spec natives([atom()], definitions()) -> [{atom(), private | exported}].
natives(Names, #{natives := Natives}) ->
    [{Name, maps:get(Name, Natives)} || Name <- Names, is_map_key(Name, Natives)].

type_fact(none) -> none;
type_fact(Type) -> {migrator_text:type(Type), migrator_text:bare(Type)}.

%% These expressions without records and imports, by the compiler's own pass over a small module: the
%% attributes that matter, the names of its functions (they decide what a call means), and a function for each
%% expression.
expand([], _, _) ->
    [];
expand(Exprs, Options, #{forms := Forms, functions := Functions} = Definitions) ->
    Attributes = [Form || {attribute, _, Kind, _} = Form <- Forms, lists:member(Kind, [record, native_record, import_record, import, compile])],
    Names = [{function, 0, Name, Arity, []} || {Name, Arity} <- maps:keys(Functions)],
    Defaults = [{function, 0, '-default-', 0, [{clause, 0, [], [], [Expr]}]} || Expr <- Exprs],
    Imports = migrator_expr:imports(Forms),
    [case Function of
         {function, _, _, _, [{clause, _, _, _, [Expr]}]} -> finish(made(Expr, Definitions), Imports);
         unknown -> unknown
     end || Function <- migrator_otp:expanded(Attributes ++ Names, Defaults, Options)].

%% A native record of this module is made where its default is evaluated, and there the module's definition is another one.
%%
%%     records:create(Module, Name, [{Field, Value}], #{is_exported => false})
made({record, Anno, Name, Given}, #{module := Module, natives := Natives, records := Records} = Definitions) when is_map_key(Name, Natives) ->
    #{Name := {_, _, Fields, _}} = Records,
    Values = maps:from_list([{Field, made(Value, Definitions)} || {record_field, _, {atom, _, Field}, Value} <- Given]),
    Atom = fun(Each) -> {atom, Anno, Each} end,
    Pairs = [{tuple, Anno, [Atom(Field), maps:get(Field, Values, Default)]} || {Field, _, Default, _} <- Fields],
    List = lists:foldr(fun(Pair, Tail) -> {cons, Anno, Pair, Tail} end, {nil, Anno}, Pairs),
    Options = {map, Anno, [{map_field_assoc, Anno, Atom(is_exported), Atom(maps:get(Name, Natives) =:= exported)}]},
    {call, Anno, {remote, Anno, Atom(records), Atom(create)}, [Atom(Module), Atom(Name), List, Options]};
made({string, _, _} = String, _) -> String;
made(Node, Definitions) when is_tuple(Node) -> list_to_tuple(made(tuple_to_list(Node), Definitions));
made([Node | Nodes], Definitions) -> [made(Node, Definitions) | made(Nodes, Definitions)];
made(Other, _) -> Other.

%% What the pass leaves undone: variables that no scanner would read as such, and funs of imported functions.
finish(Expr, Imports) ->
    Variables = migrator_expr:variables(Expr),
    Invented = [Name || Name <- lists:reverse(Variables), invented(Name)],
    %% One that stands there once is not used.
    Unused = maps:from_list([{Name, '_'} || Name <- Invented, not lists:member(Name, Invented -- [Name])]),
    rewrite(Expr, fresh(Invented, 1, Variables, Unused), Imports).

%% No variable that a person writes begins so.
invented(Name) ->
    case atom_to_list(Name) of
        "rec" ++ _ -> true;
        _ -> false
    end.

%% Counted from 1 in each expression, so that a new field elsewhere changes nothing here.
fresh([Name | Names], N, Taken, Fresh) when is_map_key(Name, Fresh) ->
    fresh(Names, N, Taken, Fresh);
fresh([Name | Names], N, Taken, Fresh) ->
    New = list_to_atom("Record" ++ integer_to_list(N)),
    case lists:member(New, Taken) of
        true -> fresh([Name | Names], N + 1, Taken, Fresh);
        false -> fresh(Names, N + 1, Taken, Fresh#{Name => New})
    end;
fresh([], _, _, Fresh) ->
    Fresh.

rewrite({var, Anno, Name}, Fresh, _) -> {var, Anno, maps:get(Name, Fresh, Name)};
rewrite({'fun', Anno, {function, Name, Arity}} = Fun, _, Imports) ->
    case Imports of
        #{{Name, Arity} := Module} -> {'fun', Anno, {function, {atom, Anno, Module}, {atom, Anno, Name}, {integer, Anno, Arity}}};
        #{} -> Fun
    end;
rewrite(Node, Fresh, Imports) when is_tuple(Node), tuple_size(Node) > 1 ->
    [Tag, Second | Parts] = tuple_to_list(Node),
    %% Save for {clauses, _} the second element is an annotation, which may be a list of pairs.
    NewSecond = case Tag of
        clauses -> rewrite(Second, Fresh, Imports);
        _ -> Second
    end,
    list_to_tuple([Tag, NewSecond | rewrite(Parts, Fresh, Imports)]);
rewrite([Node | Nodes], Fresh, Imports) -> [rewrite(Node, Fresh, Imports) | rewrite(Nodes, Fresh, Imports)];
rewrite(Other, _, _) -> Other.

-spec types([type_key()], definitions()) -> [tuple()].
types(Keys, #{types := Types}) ->
    [begin
        {Parameters, Type} = maps:get(Key, Types),
        {Name, [migrator_text:text(Parameter) || {var, _, Parameter} <- Parameters], migrator_text:bare(Type)}
     end || {Name, _} = Key <- Keys].

%% What stands between `-type` and the dot.
-spec type_texts([type_key()], definitions()) -> [binary()].
type_texts(Keys, #{types := Types}) ->
    [begin
        {Parameters, Type} = maps:get(Key, Types),
        migrator_text:definition(Name, Parameters, Type)
     end || {Name, _} = Key <- Keys].

%% Every type that is declared, in order.
-spec type_index(definitions()) -> [type_key()].
type_index(#{type_order := Order}) ->
    Order.

%% A digest says whether two definitions mean the same by themselves; what they reach has digests of its own.
-spec index(definitions()) -> [{atom(), pos_integer(), binary(), binary()}].
index(#{order := Order, records := Records, natives := Natives}) ->
    [begin
        {_, _, Fields, Forms} = maps:get(Name, Records),
        %% A native record's values are unlike tuples, and unlike those of other access.
        Told = fun(Names) -> case Natives of #{Name := Access} -> {native, Access, Names}; #{} -> Names end end,
        Digest = erlang:md5(term_to_binary({Name, Told(migrator_text:bare(Forms))}, [{minor_version, 2}])),
        {Name, length(Fields) + 1, Digest, erlang:md5(term_to_binary(Told([Field || {Field, _, _, _} <- Fields]), [{minor_version, 2}]))}
     end || Name <- Order].

-spec variables(definitions()) -> [binary()].
variables(#{order := Order, records := Records}) ->
    Names = lists:append([migrator_expr:variables(element(4, maps:get(Name, Records))) || Name <- Order]),
    lists:sort([migrator_text:text(Name) || Name <- lists:usort(Names)]).

%% #{Record => [{Field, none | Expr}]}, as migrator_expr:constant/2 wants it.
-spec defaults(definitions()) -> #{atom() => [{atom(), none | term()}]}.
defaults(#{records := Records}) ->
    maps:map(fun(_, {_, _, Fields, _}) -> [{Name, Default} || {Name, _, Default, _} <- Fields] end, Records).
