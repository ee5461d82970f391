%% Whether systools takes appups, asked with made-up releases: the names, versions and modules of the real ones, and nothing else
%% of them. So it can be asked of folders of beams that no .rel names, and before the appups are written anywhere.
-module(migrator_appups).

-export([fits/2, validate/2]).

-record(app, {name :: atom(), old = none :: version(), new = none :: version(), appup = none :: binary() | none}).

-type version() :: none | {Vsn :: string(), Modules :: [module()]}.
-type wire_version() :: none | {Vsn :: binary(), AppFile :: binary() | none, Modules :: [binary()]}.

%% Facts of each application that has an appup, and of `none` where several together are the matter:
%% {Name, up | down | both, Fact}. The folder is empty, and for us alone.
-spec validate(binary(), [{binary(), wire_version(), wire_version(), binary() | none}]) -> [tuple()].
validate(Folder, Wire) ->
    Apps = mandatory([app(Each) || Each <- Wire]),
    Given = [App || App <- Apps, App#app.appup =/= none],
    case lists:append([[{name(App), both, Fact} || Fact <- shape(App)] || App <- Given]) of
        [] ->
            ask(Folder, Apps, [App || App <- Apps, changed(App)]);
        Facts ->
            Facts
    end.

app({Name, Old, New, Appup}) ->
    #app{name = binary_to_atom(Name, utf8), old = version(Old), new = version(New), appup = Appup}.

version(none) -> none;
version({Vsn, File, Modules}) ->
    {unicode:characters_to_list(Vsn), listed(File, [binary_to_atom(Each, utf8) || Each <- Modules])}.

%% The .app's own list of modules is what systools goes by.
listed(none, Modules) -> Modules;
listed(File, Modules) ->
    case file:consult(File) of
        {ok, [{application, _, Keys}]} when length(Keys) >= 0 ->
            case lists:keyfind(modules, 1, Keys) of
                {modules, Listed} when length(Listed) > 0 -> [Each || Each <- Listed, is_atom(Each)];
                _ -> Modules
            end;
        _ ->
            Modules
    end.

%% A release must have these; what is not part of the question is the same on both sides.
mandatory(Apps) ->
    Missing = [Name || Name <- [kernel, stdlib, sasl], not lists:keymember(Name, #app.name, Apps)],
    Here = [#app{name = Name, old = {"9", []}, new = {"9", []}} || Name <- Missing],
    Half = [App || #app{old = Old, new = New} = App <- Apps, Old =/= none orelse New =/= none],
    Here ++ [whole(App) || App <- Half].

whole(#app{name = Name, old = none, new = New} = App) when Name =:= kernel; Name =:= stdlib; Name =:= sasl -> App#app{old = New};
whole(#app{name = Name, old = Old, new = none} = App) when Name =:= kernel; Name =:= stdlib; Name =:= sasl -> App#app{new = Old};
whole(App) -> App.

changed(#app{old = {One, _}, new = {Other, _}}) -> One =/= Other;
changed(_) -> false.

%% --- what an appup must be before systools looks at its instructions ---

shape(#app{appup = Text, new = New}) ->
    case read(Text) of
        {ok, {Vsn, Ups, Downs}} when length(Ups) >= 0, length(Downs) >= 0 ->
            Wrong = [{Kind, Each} || {Kind, Entries} <- [{up, Ups}, {down, Downs}], Each <- Entries, not entry(Each)],
            vsn(Vsn, New) ++ [{entry_shape, Direction, plain(Each)} || {Direction, Each} <- Wrong];
        {ok, _} ->
            [{appup_shape, <<>>}];
        {error, {Line, Module, What}} ->
            [{appup_parse, <<>>, Line, migrator_relup:text(Module:format_error(What))}]
    end.

%% `length/1` fails for what is a list and does not end as one: a guard is false then.
vsn(Vsn, none) when is_list(Vsn) -> [];
vsn(Vsn, {_, _}) when is_list(Vsn) -> [];
vsn(_, _) -> [{appup_shape, <<>>}].

%% As systools_relup looks for an entry: the first match must be the whole version. A pattern that is none fits nothing,
%% and so does one that would take for ever: `re` gives up.
-spec fits(binary(), binary()) -> boolean().
fits(Pattern, Vsn) ->
    Text = unicode:characters_to_list(Vsn),
    try re:run(Text, Pattern, [unicode, {capture, first, list}]) of
        {match, [Text]} -> true;
        _ -> false
    catch
        error:_ -> false
    end.

entry({Vsn, Instructions}) when is_binary(Vsn), length(Instructions) >= 0 ->
    case re:compile(Vsn, [unicode]) of {ok, _} -> true; _ -> false end;
entry({Vsn, Instructions}) -> io_lib:latin1_char_list(Vsn) andalso is_list(Instructions) andalso is_integer(catch length(Instructions));
entry(_) -> false.

%% The first term, as systools reads it.
read(Text) ->
    case erl_scan:tokens([], unicode:characters_to_list(Text) ++ "\n", 1) of
        {done, {ok, Tokens, _}, _} ->
            case erl_parse:parse_term(Tokens) of
                {ok, Term} -> {ok, Term};
                {error, {Line, Module, What}} -> {error, {Line, Module, What}}
            end;
        {done, {error, {Line, Module, What}, _}, _} -> {error, {Line, Module, What}};
        _ -> {error, {1, erl_parse, ["a term that ends in a full stop is missing"]}}
    end.

plain(Term) -> migrator_relup:text(io_lib:format("~tp", [Term])).

%% --- made-up releases ---

%% `whole`: every application with its modules. `stub`: none has any, until `fill` gives them to the one that is looked at.
make_up(Folder, Apps, Kind) -> [make_up(Folder, Apps, Kind, Side) || Side <- [old, new]].

make_up(Folder, Apps, Kind, Side) ->
    Here = [{Name, Version} || #app{name = Name} = App <- Apps, Version <- [side(Side, App)], Version =/= none],
    Top = filename:join(Folder, atom_to_list(Kind)),
    [put_app(Top, Side, Name, case Kind of whole -> Version; stub -> {Vsn, []} end) || {Name, {Vsn, _} = Version} <- Here],
    File = filename:join(Top, <<(atom_to_binary(Side, utf8))/binary, ".rel">>),
    write(File, {release, {"release", atom_to_list(Side)}, {erts, "9"}, [{Name, Vsn} || {Name, {Vsn, _}} <- Here]}),
    {File, [place(Top, Side)]}.

side(old, App) -> App#app.old;
side(new, App) -> App#app.new.

put_app(Top, Side, Name, {Vsn, Modules}) ->
    File = filename:join(place(Top, Side), atom_to_list(Name) ++ ".app"),
    ok = filelib:ensure_dir(File),
    Keys = [{description, ""}, {vsn, Vsn}, {modules, Modules}, {registered, []}, {applications, []}],
    write(File, {application, Name, Keys}).

%% One folder for all: systools looks for each application in each folder of its path.
place(Top, Side) -> filename:join(Top, atom_to_list(Side)).

write(File, Term) -> write_text(File, io_lib:format("%% coding: utf-8\n~tp.\n", [Term])).

write_text(File, Text) -> ok = file:write_file(File, unicode:characters_to_binary(Text)).

%% --- the questions ---

%% All at once first: where that goes well, all is well. What goes wrong then is looked for in each application by itself. In a folder
%% of applications that are not one release two of them can have a module of the same name; there each is asked by itself alone.
ask(Folder, Apps, Changed) ->
    Given = [App || App <- Changed, App#app.appup =/= none],
    Vsns = lists:append([said_vsn(App) || App <- Given]),
    Together = case twins(Apps) of true -> none; false -> together(Folder, Apps, Changed) end,
    case Together of
        [] -> Vsns;
        _ -> alone(Folder, Apps, Changed, Given, Together) ++ Vsns
    end.

twins(Apps) -> lists:any(fun(Side) -> twins_in(Apps, Side) end, [old, new]).

twins_in(Apps, Side) ->
    Modules = lists:append([lists:usort(Modules) || App <- Apps, {_, Modules} <- [side(Side, App)]]),
    length(Modules) =/= length(lists:usort(Modules)).

said_vsn(#app{appup = Text, new = {Vsn, _}} = App) ->
    case read(Text) of
        {ok, {Vsn, _, _}} -> [];
        {ok, {Said, _, _}} -> [{name(App), both, {bad_vsn, migrator_relup:text(Said), migrator_relup:text(Vsn)}}]
    end.

together(Folder, Apps, Changed) ->
    Names = make_up(Folder, Apps, whole),
    [put_appup(filename:join(Folder, "whole"), App) || App <- Changed],
    both(Names).

alone(Folder, Apps, Changed, Given, Together) ->
    Names = make_up(Folder, Apps, stub),
    Top = filename:join(Folder, "stub"),
    [put_empty(Top, App) || App <- Changed],
    case lists:append([one(Names, Top, App, Apps) || App <- Given]) of
        [] when Together =/= none -> [{none, Direction, Fact} || {Direction, Fact} <- Together];
        Found -> Found
    end.

one(Names, Top, #app{name = Name, old = {Old, _}, new = {New, _}} = App, Apps) ->
    put_app(Top, old, Name, App#app.old),
    put_app(Top, new, Name, App#app.new),
    put_appup(Top, App),
    Facts = both(Names),
    put_app(Top, old, Name, {Old, []}),
    put_app(Top, new, Name, {New, []}),
    put_empty(Top, App),
    [{name(App), Direction, Fact} || {Direction, Fact} <- Facts, not of_another(Fact, App, Apps)].

%% A module of another application is missing only while we look at this one.
of_another({instruction, Kind, Module, _}, #app{name = Name}, Apps) when Kind =:= undef_module; Kind =:= no_such_module ->
    lists:any(fun(#app{name = Other} = App) ->
                  Other =/= Name andalso lists:any(fun(Each) -> plain(Each) =:= Module end, modules(App))
              end, Apps);
of_another(_, _, _) -> false.

modules(#app{old = Old, new = New}) -> lists:append([Modules || {_, Modules} <- [Old, New]]).

both([{Old, OldPath}, {New, NewPath}]) ->
    Path = NewPath ++ OldPath,
    case migrator_relup:relup(New, [Old], Path, both) of
        {ok, _, _, _} -> [];
        {error, _} ->
            Found = [{Direction, migrator_relup:relup(New, [Old], Path, Direction)} || Direction <- [up, down]],
            [{Direction, Fact} || {Direction, {error, Fact}} <- Found]
    end.

put_appup(Top, #app{appup = none} = App) -> put_empty(Top, App);
put_appup(Top, #app{appup = Text} = App) -> write_text(appup(Top, App), Text).

put_empty(Top, #app{old = {Old, _}, new = {New, _}} = App) ->
    write(appup(Top, App), {New, [{Old, []}], [{Old, []}]}).

appup(Top, #app{name = Name}) -> filename:join(place(Top, new), atom_to_list(Name) ++ ".appup").

name(#app{name = Name}) -> atom_to_binary(Name, utf8).
