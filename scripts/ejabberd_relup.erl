%% Asks systools for a relup between two folders of applications, with made-up .rel files: which of their appups it takes.
%%
%%   escript scripts/ejabberd_relup.erl OLD_LIB NEW_LIB
%%
%% All changed applications that both have are asked for in one relup, since instructions of one may need modules of
%% another; but erts, kernel, stdlib and sasl, which restart the emulator.
-mode(compile).
-export([main/1]).

main([Old, New]) ->
    Olds = applications(Old),
    News = applications(New),
    Both = [Name || {Name, #{vsn := Vsn}} <- lists:sort(maps:to_list(News)), #{vsn := Before} <- [maps:get(Name, Olds, #{})], Before =/= Vsn],
    Asked = Both -- [erts, kernel, stdlib, sasl],
    Room = string:trim(os:cmd("mktemp -d")),
    Told = relup(Asked, Olds, News, Room),
    file:del_dir_r(Room),
    case Told of
        {ok, Up, Down} ->
            io:format("~b appups taken, ~b instructions up and ~b down~n", [length(Asked), Up, Down]);
        {refused, Why} ->
            io:format("refused: ~ts~n", [Why]),
            halt(1)
    end.

%% Of what is not asked for both releases have the new version.
relup(Asked, Olds, News, Room) ->
    Before = release("old", maps:merge(News, maps:with(Asked, Olds)), Room),
    After = release("new", News, Room),
    Path = [maps:get(ebin, Each) || Each <- maps:values(maps:with(Asked, Olds)) ++ maps:values(News)],
    case systools:make_relup(After, [Before], [Before], [{path, Path}, {outdir, Room}, silent]) of
        {ok, {_, [{_, _, Up}], [{_, _, Down}]}, _, _} -> {ok, length(Up), length(Down)};
        {error, Module, Why} -> {refused, Module:format_error(Why)}
    end.

release(Version, All, Room) ->
    File = filename:join(Room, Version),
    %% Debian's ejabberd includes applications that others need: systools takes that for a circle.
    Applications = [{Name, Vsn, permanent, []} || {Name, #{vsn := Vsn}} <- maps:to_list(maps:remove(erts, All))],
    Term = {release, {"made_up", Version}, {erts, erlang:system_info(version)}, Applications},
    ok = file:write_file(File ++ ".rel", io_lib:format("~p.~n", [Term])),
    File.

applications(Lib) ->
    maps:from_list([application(File) || File <- filelib:wildcard(filename:join(Lib, "*/ebin/*.app"))]).

application(File) ->
    {ok, [{application, Name, Keys}]} = file:consult(File),
    {Name, #{vsn => proplists:get_value(vsn, Keys), ebin => filename:dirname(File)}}.
