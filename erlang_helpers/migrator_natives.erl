%% Native records (OTP 29) in forms: which of them are a module's own, and whether forms have any.
-module(migrator_natives).

-export([own/2, named/1, known_here/1, imported/1]).

%% The name in record syntax, where it is a record of this module: `#state{}` and `#kv:state{}` are, in kv; `#_{}` names none.
-spec own(term(), module()) -> {atom()} | other.
own({Module, Name}, Module) -> {Name};
own(Name, _) when is_atom(Name) -> {Name};
own(_, _) -> other.

%% The fields that a record pattern names.
-spec named([term()]) -> [atom()].
named(Fields) ->
    [Field || {record_field, _, {atom, _, Field}, _} <- Fields].

%% Whether this OTP has what the forms say of native records. Throws {native, Text} where it has not.
-spec known_here([term()]) -> ok.
known_here(Forms) ->
    Kinds = [native_record, import_record, export_record],
    case list_to_integer(erlang:system_info(otp_release)) < 29 andalso [Kind || {attribute, _, Kind, _} <- Forms, lists:member(Kind, Kinds)] of
        [_ | _] -> throw({native, list_to_binary(erlang:system_info(otp_release))});
        _ -> ok
    end.

%% The forms with the module's name in each type that means an imported record: #session{} becomes #sess:session{}.
-spec imported([term()]) -> [term()].
imported(Forms) ->
    case maps:from_list([{Name, Module} || {attribute, _, import_record, {Module, Names}} <- Forms, Name <- Names]) of
        None when None =:= #{} -> Forms;
        Imports -> [typed(Form, Imports) || Form <- Forms]
    end.

typed({attribute, Anno, Kind, What}, Imports) when Kind =:= type; Kind =:= opaque; Kind =:= nominal; Kind =:= record; Kind =:= native_record ->
    {attribute, Anno, Kind, named_in(What, Imports)};
typed(Form, _) ->
    Form.

named_in({type, Anno, record, [{atom, At, Name}]} = Type, Imports) ->
    case Imports of
        #{Name := Module} -> {type, Anno, record, [{tuple, At, [{atom, At, Module}, {atom, At, Name}]}]};
        #{} -> Type
    end;
named_in({string, _, _} = String, _) -> String;
named_in(Node, Imports) when is_tuple(Node) -> list_to_tuple(named_in(tuple_to_list(Node), Imports));
named_in([Node | Nodes], Imports) -> [named_in(Node, Imports) | named_in(Nodes, Imports)];
named_in(Other, _) -> Other.
