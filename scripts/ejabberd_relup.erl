%% Asks systools for a relup between two folders of applications, with made-up .rel files: which of their appups it takes.
%%
%%   escript scripts/ejabberd_relup.erl OLD_LIB NEW_LIB
%%
%% Each changed application that both have is asked for by itself, beside kernel, stdlib, sasl and all that it needs, so
%% that one wrong appup does not hide another; kernel, stdlib and what else only restarts the emulator is not asked for.
-mode(compile).
-export([main/1]).

main([Old, New]) ->
    Olds = applications(Old),
    News = applications(New),
    Both = [Name || {Name, #{vsn := Vsn}} <- lists:sort(maps:to_list(News)), #{vsn := Before} <- [maps:get(Name, Olds, #{})], Before =/= Vsn],
    Asked = [Name || Name <- Both, not lists:member(Name, [erts, kernel, stdlib, sasl])],
    Room = string:trim(os:cmd("mktemp -d")),
    Wrong = [{Name, Why} || Name <- Asked, Why <- refused(Name, Olds, News, Room)],
    file:del_dir_r(Room),
    io:format("~b appups, ~b refused~n", [length(Asked), length(Wrong)]),
    [io:format("~p: ~p~n", [Name, Why]) || {Name, Why} <- Wrong],
    halt(case Wrong of [] -> 0; _ -> 1 end).

%% In each release there is one version only of what is not asked for, the new one.
refused(Name, Olds, News, Room) ->
    Before = release(Name, "old", News#{Name := maps:get(Name, Olds)}, Room),
    After = release(Name, "new", News, Room),
    Path = [maps:get(ebin, Each) || Each <- [maps:get(Name, Olds) | maps:values(News)]],
    Options = [{path, Path}, {outdir, Room}, silent],
    case systools:make_relup(After, [Before], [Before], Options) of
        {ok, _, _, _} -> [];
        {error, Module, Why} -> [unicode:characters_to_list(Module:format_error(Why))];
        Other -> [Other]
    end.

release(Name, Version, All, Room) ->
    Needed = [Each || Each <- needed([kernel, stdlib, sasl, Name], All, []), maps:is_key(Each, All)],
    File = filename:join(Room, Version),
    Erts = erlang:system_info(version),
    Applications = [{Each, maps:get(vsn, maps:get(Each, All))} || Each <- Needed],
    ok = file:write_file(File ++ ".rel", io_lib:format("~p.~n", [{release, {"made_up", Version}, {erts, Erts}, Applications}])),
    File.

needed([], _, Found) -> lists:reverse(Found);
needed([Name | Rest], All, Found) ->
    case lists:member(Name, Found) of
        true -> needed(Rest, All, Found);
        false -> needed(maps:get(needs, maps:get(Name, All, #{}), []) ++ Rest, All, [Name | Found])
    end.

applications(Lib) ->
    maps:from_list([application(File) || File <- filelib:wildcard(filename:join(Lib, "*/ebin/*.app"))]).

application(File) ->
    {ok, [{application, Name, Keys}]} = file:consult(File),
    Needs = proplists:get_value(applications, Keys, []) ++ proplists:get_value(included_applications, Keys, []),
    {Name, #{vsn => proplists:get_value(vsn, Keys), needs => Needs, ebin => filename:dirname(File)}}.
