%% Whether systools takes appups, asked with made-up releases: the names, versions and modules of the real ones, and nothing else
%% of them. So it can be asked of folders of beams that no .rel names, and before the appups are written anywhere.
-module(migrator_appups).

-export([validate/2]).

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
            Names = [make_up(Folder, Apps, Side) || Side <- [old, new]],
            ask(Names, Folder, [App || App <- Apps, changed(App)]);
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
        {ok, [{application, _, Keys}]} when is_list(Keys) ->
            case lists:keyfind(modules, 1, Keys) of
                {modules, [_ | _] = Listed} -> Listed;
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
        {ok, {Vsn, Ups, Downs}} when is_list(Ups), is_list(Downs) ->
            Wrong = [{Kind, Each} || {Kind, Entries} <- [{up, Ups}, {down, Downs}], Each <- Entries, not entry(Each)],
            vsn(Vsn, New) ++ [{entry_shape, Direction, plain(Each)} || {Direction, Each} <- Wrong];
        {ok, _} ->
            [{appup_shape, <<>>}];
        {error, {Line, Module, What}} ->
            [{appup_parse, <<>>, Line, migrator_relup:text(Module:format_error(What))}]
    end.

vsn(Vsn, none) when is_list(Vsn) -> [];
vsn(Vsn, {_, _}) when is_list(Vsn) -> [];
vsn(_, _) -> [{appup_shape, <<>>}].

entry({Vsn, Instructions}) when is_binary(Vsn), is_list(Instructions) ->
    case re:compile(Vsn, [unicode]) of {ok, _} -> true; _ -> false end;
entry({Vsn, Instructions}) -> io_lib:latin1_char_list(Vsn) andalso is_list(Instructions);
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

make_up(Folder, Apps, Side) ->
    Here = [{Name, Version} || #app{name = Name} = App <- Apps, (Version = side(Side, App)) =/= none],
    [make_up_app(Folder, Side, Name, Version) || {Name, Version} <- Here],
    File = filename:join(Folder, <<(atom_to_binary(Side, utf8))/binary, ".rel">>),
    write(File, {release, {"release", atom_to_list(Side)}, {erts, "9"}, [{Name, Vsn} || {Name, {Vsn, _}} <- Here]}),
    {File, [ebin(Folder, Side, Name) || {Name, _} <- Here]}.

side(old, App) -> App#app.old;
side(new, App) -> App#app.new.

make_up_app(Folder, Side, Name, {Vsn, Modules}) ->
    File = filename:join(ebin(Folder, Side, Name), atom_to_list(Name) ++ ".app"),
    ok = filelib:ensure_dir(File),
    Keys = [{description, ""}, {vsn, Vsn}, {modules, Modules}, {registered, []}, {applications, []}],
    write(File, {application, Name, Keys}).

ebin(Folder, Side, Name) -> filename:join([Folder, atom_to_list(Side), atom_to_list(Name), "ebin"]).

write(File, Term) -> write_text(File, io_lib:format("%% coding: utf-8\n~tp.\n", [Term])).

write_text(File, Text) -> ok = file:write_file(File, unicode:characters_to_binary(Text)).

%% --- the questions ---

%% All at once first: where that goes well, all is well. What goes wrong then is looked for in each application.
ask(Names, Folder, Changed) ->
    [put_appup(Folder, App) || App <- Changed],
    case both(Names) of
        {[], Warnings} ->
            of_warnings(Warnings, Changed);
        {Together, _} ->
            [put_empty(Folder, App) || App <- Changed],
            Given = [App || App <- Changed, App#app.appup =/= none],
            Alone = lists:append([alone(Names, Folder, App, Changed) || App <- Given]),
            Found = if Alone =:= [] -> [{none, Direction, Fact} || {Direction, Fact} <- Together]; true -> Alone end,
            Found ++ lists:append([said_vsn(App) || App <- Given])
    end.

of_warnings(_, Changed) -> lists:append([said_vsn(App) || App <- Changed, App#app.appup =/= none]).

said_vsn(#app{appup = Text, new = {Vsn, _}} = App) ->
    case read(Text) of
        {ok, {Vsn, _, _}} -> [];
        {ok, {Said, _, _}} -> [{name(App), both, {bad_vsn, migrator_relup:text(Said), migrator_relup:text(Vsn)}}]
    end.

alone(Names, Folder, App, Changed) ->
    put_appup(Folder, App),
    {Facts, _} = both(Names),
    put_empty(Folder, App),
    [{name(App), Direction, Fact} || {Direction, Fact} <- Facts, not of_another(Fact, App, Changed)].

%% A module of another application, for which that one has an instruction, is missing only while we look at this one.
of_another({instruction, undef_module, Module, _}, #app{name = Name}, Changed) ->
    lists:any(fun(#app{name = Other, old = {_, Old}, new = {_, New}}) ->
                  Other =/= Name andalso lists:member(Module, [plain(Each) || Each <- Old ++ New])
              end, Changed);
of_another(_, _, _) -> false.

both([{Old, OldPath}, {New, NewPath}]) ->
    lists:foldl(fun(Direction, {Facts, Warnings}) ->
        case migrator_relup:relup(New, [Old], NewPath ++ OldPath, Direction) of
            {ok, _, _, More} -> {Facts, Warnings ++ More};
            {error, Fact} -> {Facts ++ [{Direction, Fact}], Warnings}
        end
    end, {[], []}, [up, down]).

put_appup(Folder, #app{appup = none} = App) -> put_empty(Folder, App);
put_appup(Folder, #app{appup = Text} = App) -> write_text(appup(Folder, App), Text).

put_empty(Folder, #app{old = {Old, _}, new = {New, _}} = App) ->
    write(appup(Folder, App), {New, [{Old, []}], [{Old, []}]}).

appup(Folder, #app{name = Name}) -> filename:join(ebin(Folder, new, Name), atom_to_list(Name) ++ ".appup").

name(#app{name = Name}) -> atom_to_binary(Name, utf8).
