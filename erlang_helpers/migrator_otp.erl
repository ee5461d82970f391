%% What the OTP that this node runs on has: it is the one on which the new beam will run.
-module(migrator_otp).

-export([missing/1, known/1]).

%% Of these functions those that this OTP does not have: {Module, Text, Why}, where Why is `function` when it has their
%% module, else `module` (which may well be one of the release's own). Nothing is loaded: a module that is not in use
%% yet is asked by its file.
-spec missing([{module(), atom(), arity()}]) -> [{module(), binary(), function | module}].
missing(Called) ->
    [{Module, unicode:characters_to_binary(io_lib:format("~tw:~tw/~w", [Module, Name, Arity])), Why}
     || {Module, Name, Arity} <- Called, Why <- lacks(Module, {Name, Arity})].

lacks(Module, Function) ->
    case exports(Module) of
        unknown -> [module];
        Exports -> [function || not lists:member(Function, Exports)]
    end.

exports(Module) ->
    case erlang:module_loaded(Module) of
        true -> Module:module_info(exports);
        false ->
            case code:where_is_file(atom_to_list(Module) ++ ".beam") of
                non_existing -> unknown;
                File -> in_file(File)
            end
    end.

in_file(File) ->
    case beam_lib:chunks(File, [exports]) of
        {ok, {_, [{exports, Exports}]}} -> Exports;
        {error, beam_lib, _} -> unknown
    end.

%% Those of these modules that are OTP's own, as it is installed here.
-spec known([module()]) -> [module()].
known(Modules) ->
    Libraries = code:lib_dir() ++ "/",
    [Module || Module <- Modules, is_otp(code:which(Module), Libraries)].

is_otp(preloaded, _) -> true;
is_otp(File, Libraries) when is_list(File) -> lists:prefix(Libraries, File);
is_otp(_, _) -> false.
