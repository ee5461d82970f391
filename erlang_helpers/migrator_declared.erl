%% What the modules of the Erlang in use declare of types: where they lie, and no more of them than that.
-module(migrator_declared).

-export([beams/1, types/1]).

%% Of these modules those of OTP, and of Elixir's own library where it is on the code path: with the files of their beams.
-spec beams([module()]) -> [{module(), binary()}].
beams(Modules) ->
    Own = migrator_otp:known(Modules) ++ [Module || Module <- Modules, of_elixir(code:which(Module))],
    [{Module, migrator_text:text(filename:absname(File))}
     || Module <- lists:usort(Own), File <- [code:where_is_file(atom_to_list(Module) ++ ".beam")], is_list(File)].

of_elixir(File) when is_list(File) -> filelib:is_file(filename:join(filename:dirname(File), "elixir.app"));
of_elixir(_) -> false.

%% Each type that a beam declares, and the types of its records' fields.
-spec types(binary()) -> {[tuple()], [tuple()]}.
types(Beam) ->
    Forms = [Form || Form <- migrator_beam:declarations(Beam), element(1, Form) =:= attribute],
    #{types := Types, type_order := Order, order := Records} = Definitions = migrator_records:definitions(Forms),
    Opaque = maps:from_list([{{Name, length(Parameters)}, []} || {attribute, _, opaque, {Name, _, Parameters}} <- Forms]),
    {[type(Key, maps:get(Key, Types), Opaque) || Key <- Order],
     [{Name, [{Field, form(Type)} || {Field, _, _, Type} <- migrator_records:fields(Name, Definitions)]} || Name <- Records]}.

type({Name, _} = Key, {Parameters, Type}, Opaque) ->
    {Name, [migrator_text:text(Parameter) || {var, _, Parameter} <- Parameters], form(Type),
     case Opaque of #{Key := []} -> opaque; #{} -> open end}.

form(none) -> none;
form(Type) -> migrator_text:bare(Type).
