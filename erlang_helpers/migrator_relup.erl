%% What OTP's systools says of two releases, as facts. It reads .rel, .app and .appup files and loads no code of theirs.
-module(migrator_relup).

-export([relup/4, tar/3, text/1]).

%% The relup from Olds, and back to them. New and Olds: paths of .rel files; Path: folders of beams, the first that has a
%% version wins, and the node's own come last; Directions: `both`, or `up` or `down` alone.
-spec relup(binary(), [binary()], [binary()], both | up | down) -> term().
relup(New, Olds, Path, Directions) ->
    has_sasl(),
    From = [name(Old) || Old <- Olds],
    {Ups, Downs} = case Directions of both -> {From, From}; up -> {From, []}; down -> {[], From} end,
    Options = [{path, [file_name(Each) || Each <- Path]}, noexec, silent],
    case try systools:make_relup(name(New), Ups, Downs, Options) catch _:Raised -> Raised end of
        {ok, Relup, _, Warnings} ->
            Text = io_lib:format("%% coding: utf-8\n~tp.\n", [Relup]),
            {ok, unicode:characters_to_binary(Text), summary(Relup), [warning(Each) || Each <- Warnings]};
        {error, Module, Reason} ->
            {error, told(Module, Reason)};
        Other ->
            {error, {other, text(io_lib:format("~tP", [Other, 20]))}}
    end.

has_sasl() ->
    case code:which(systools) of
        non_existing -> throw({no_sasl, <<"this Erlang has no application sasl, which has systools">>});
        _ -> ok
    end.

%% The version, then {up | down, other version, the instructions}.
summary({Vsn, Ups, Downs}) ->
    {text(Vsn), [line(up, Each) || Each <- Ups] ++ [line(down, Each) || Each <- Downs]}.

line(Direction, {Vsn, _, Instructions}) -> {Direction, text(Vsn), [plain(Each) || Each <- Instructions]}.

%% The tarball of a release into a folder, under the name of its .rel. What is not in the release's own folder stays out of it
%% but for the start script: whoever asks puts the rest there.
-spec tar(binary(), [binary()], binary()) -> {ok, [tuple()]} | {error, tuple()}.
tar(Rel, Path, Folder) ->
    has_sasl(),
    Options = [{path, [file_name(Each) || Each <- Path]}, {outdir, file_name(Folder)}, silent, no_warn_sasl],
    case try systools:make_tar(name(Rel), Options) catch _:Raised -> Raised end of
        ok -> {ok, []};
        {ok, _, Warnings} -> {ok, [warning(Each) || Each <- Warnings]};
        {error, Module, Reason} -> {error, told(Module, Reason)};
        Other -> {error, {tar, text(io_lib:format("~tP", [Other, 20]))}}
    end.

%% --- what systools says, without the records that only it knows ---

%% Of terms that nobody writes systools has messages that its own format_error/1 cannot print.
told(Module, Reason) ->
    try fact(Module, Reason) catch error:_ -> {release, text(io_lib:format("~tP", [Reason, 20]))} end.

fact(systools_relup, {file_problem, {File, {error, {open, _, _}}}}) -> {no_appup, text(File)};
fact(systools_relup, {file_problem, {File, {error, {parse, _, {Line, Module, What}}}}}) ->
    {appup_parse, text(File), Line, text(Module:format_error(What))};
fact(systools_relup, {file_problem, {File, {ok, _}}}) -> {appup_shape, text(File)};
fact(systools_relup, {file_problem, {File, _}}) -> {appup_parse, text(File), 0, <<"it cannot be read">>};
fact(systools_relup, {no_relup, File, _, Vsn}) -> {no_entry, text(File), text(Vsn)};
fact(systools_relup, {missing_sasl, Release}) -> {missing_sasl, text(element(2, Release)), text(element(3, Release))};
fact(systools_rc, {Kind, What}) when is_atom(Kind), Kind =/= badmatch, Kind =/= function_clause ->
    {instruction, Kind, plain(What), trimmed(systools_rc:format_error({Kind, What}))};
fact(systools_rc, Reason) -> {instruction, none, none, text(io_lib:format("~tP", [Reason, 20]))};
fact(systools_make, [{error, {error_reading, {App, What}}} | _]) -> reading(App, What);
fact(systools_make, [{error_reading, {App, What}} | _]) -> reading(App, What);
fact(systools_make, {undefined_applications, Apps}) -> {undefined_applications, names(Apps)};
fact(systools_make, {duplicate_modules, Duplicates}) ->
    {duplicate_modules, [{text(Module), text(One), text(Other)} || {{Module, One, _}, {Module, Other, _}} <- Duplicates]};
fact(systools_make, {duplicate_register, Duplicates}) ->
    {duplicate_register, [{text(Name), text(One), text(Other)} || {{Name, One, _, _}, {Name, Other, _, _}} <- Duplicates]};
fact(systools_make, {missing_mandatory_app, App}) -> {missing_mandatory_app, names(lists:flatten([App]))};
fact(systools_make, {circular_dependencies, Apps}) -> {circular_dependencies, names(Apps)};
fact(systools_make, [{error_add_appl, _} | _] = What) -> {tar, trimmed(systools_make:format_error(What))};
fact(systools_make, {tar_error, _} = What) -> {tar, trimmed(systools_make:format_error(What))};
fact(Module, Reason) ->
    case try lists:flatten(Module:format_error(Reason)) catch _:_ -> none end of
        [_ | _] = Text -> {release, trimmed(Text)};
        _ -> {release, text(io_lib:format("~tP", [Reason, 20]))}
    end.

reading(App, {no_valid_version, {{_, Wanted}, {_, File, Found}}}) ->
    {no_version, text(App), text(Wanted), text(File), text(Found)};
reading(App, {not_found, _}) -> {no_application, text(App)};
reading(App, {application_vsn, {_, Vsn}}) -> {no_version, text(App), text(Vsn), <<>>, <<>>};
reading(App, What) -> {release, trimmed(systools_make:format_error([{error_reading, {App, What}}]))}.

warning({bad_vsn, {Said, Is}}) -> {bad_vsn, text(Said), text(Is)};
warning({erts_vsn_changed, {{_, One}, {_, Other}}}) -> {erts_changed, text(One), text(Other)};
warning({warning, {source_not_found, _}}) -> none;
warning({warning, What}) -> {other, trimmed(systools_make:format_warning([{warning, What}]))};
warning(What) -> {other, text(io_lib:format("~tP", [What, 20]))}.

names(Apps) -> [text(case App of {Name, _} -> Name; Name -> Name end) || App <- Apps].

%% What a person wrote crosses the wire as it is; a fun or a pid cannot have been written.
plain(Term) -> text(io_lib:format("~tp", [Term])).

trimmed(Text) ->
    Flat = text(Text),
    string:trim(string:replace(Flat, <<"*WARNING* ">>, <<>>, all), both, "\n\t ").

name(File) -> filename:rootname(file_name(File), ".rel").

file_name(Binary) -> unicode:characters_to_list(Binary).

-spec text(term()) -> binary().
text(Atom) when is_atom(Atom) -> atom_to_binary(Atom, utf8);
text(Text) ->
    case try unicode:characters_to_binary(Text) catch error:_ -> none end of
        Binary when is_binary(Binary) -> Binary;
        _ -> unicode:characters_to_binary(io_lib:format("~tp", [Text]))
    end.
