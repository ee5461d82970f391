%% Native records (OTP 29) in forms: which of them are a module's own, and whether forms have any.
-module(migrator_natives).

-export([own/2, named/1, known_here/1]).

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
