%% Builds two versions of a small release as systools does: scripts, the relup between them, tarballs.
-module(live_small).
-export([main/1]).

%% Folder holds v1/ and v2/, release roots with `lib/APP-VSN/src/*.erl` and `ebin/APP.app` (v2's appups too), and
%% `releases/VSN/small.rel`. Tars is "none", "bare" or "erts". Prints what went wrong.
main([Folder, Tars]) ->
    Roots = [filename:join(Folder, Each) || Each <- ["v1", "v2"]],
    [compiled(Source) || Root <- Roots, Source <- filelib:wildcard(Root ++ "/lib/*/src/*.erl")],
    Rels = [filename:rootname(hd(filelib:wildcard(Root ++ "/releases/*/small.rel"))) || Root <- Roots],
    Paths = [filelib:wildcard(Root ++ "/lib/*/ebin") || Root <- Roots],
    [scripted(Rel, Path) || {Rel, Path} <- lists:zip(Rels, Paths)],
    [Old, New] = Rels,
    related(Old, New, lists:append(lists:reverse(Paths))),
    [packed(Rel, Path, Tars) || Tars =/= "none", {Rel, Path} <- lists:zip(Rels, Paths)],
    halt(0).

compiled(Source) ->
    Ebin = filename:join(filename:dirname(filename:dirname(Source)), "ebin"),
    {ok, _} = compile:file(Source, [debug_info, report, {outdir, Ebin}]).

scripted(Rel, Path) ->
    Folder = filename:dirname(Rel),
    {ok, _, _} = systools:make_script(Rel, [{path, Path}, {outdir, Folder}, silent]),
    ok = file:rename(Rel ++ ".boot", filename:join(Folder, "start.boot")),
    {ok, _} = file:copy(filename:join(Folder, "start.boot"), Rel ++ ".boot").

related(Old, New, Path) ->
    case systools:make_relup(New, [Old], [Old], [{path, Path}, {outdir, filename:dirname(New)}, silent]) of
        {ok, _, _, _} -> ok;
        {error, systools_relup, {file_problem, _}} -> ok;
        {error, systools_relup, {no_relup, _, _, _}} -> only_up(Old, New, Path);
        {error, Module, Reason} -> io:put_chars(Module:format_error(Reason)), halt(1)
    end.

%% An appup without a way back.
only_up(Old, New, Path) ->
    {ok, _, _, _} = systools:make_relup(New, [Old], [], [{path, Path}, {outdir, filename:dirname(New)}, silent]).

packed(Rel, Path, Tars) ->
    Erts = [{erts, code:root_dir()} || Tars =:= "erts"],
    Top = filename:dirname(filename:dirname(filename:dirname(Rel))),
    {ok, _, _} = systools:make_tar(Rel, [{path, Path}, {outdir, Top}, silent | Erts]).
