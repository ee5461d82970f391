%% Makes the relup between two lib folders with systools, and prints it. The releases have all of their applications.
main([Old, New]) ->
    Folder = filename:dirname(Old),
    [rel(Folder, Name, Vsn, Lib) || {Name, Vsn, Lib} <- [{"old", "1", Old}, {"new", "2", New}]],
    Path = [filename:join([Lib, "*", "ebin"]) || Lib <- [New, Old]],
    Files = [filename:join(Folder, Name) || Name <- ["new", "old"]],
    case systools:make_relup(hd(Files), tl(Files), tl(Files), [{path, Path}, silent, noexec]) of
        {ok, Relup, _, Warnings} -> io:format("~0tp.~n~0tp.~n", [Relup, Warnings]);
        {error, Module, Reason} -> io:format("~ts~n", [Module:format_error(Reason)]), halt(1)
    end.

rel(Folder, Name, Vsn, Lib) ->
    Own = [vsn(File) || File <- lists:sort(filelib:wildcard(filename:join([Lib, "*", "ebin", "*.app"])))],
    Otp = [begin application:load(App), {ok, V} = application:get_key(App, vsn), {App, V} end || App <- [kernel, stdlib, sasl]],
    Term = {release, {Name, Vsn}, {erts, erlang:system_info(version)}, Otp ++ Own},
    ok = file:write_file(filename:join(Folder, Name ++ ".rel"), io_lib:format("~tp.~n", [Term])).

vsn(File) ->
    {ok, [{application, Name, Keys}]} = file:consult(File),
    {Name, proplists:get_value(vsn, Keys)}.
