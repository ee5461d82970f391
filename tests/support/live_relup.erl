%% A node of a real release, upgraded and downgraded by its own release_handler from a tarball that lies in its releases/.
%% Run as: live_relup:main(Old, New, Name). Writes what it saw to stdout and ends.
-module(live_relup).

-export([main/1]).

main([Old, New, Tarball]) ->
    spawn(fun() ->
        try
            run(atom_to_list(Old), atom_to_list(New), atom_to_list(Tarball))
        catch
            Class:Reason:Stack -> io:format("~p~n", [{Class, Reason, Stack}])
        end,
        halt()
    end).

run(Old, New, Tarball) ->
    Pid = whereis(kv),
    Before = gen_server:call(kv, get),
    {ok, New} = release_handler:unpack_release(Tarball),
    {ok, Old, []} = release_handler:install_release(New),
    ok = release_handler:make_permanent(New),
    After = gen_server:call(kv, get),
    {ok, Old, []} = release_handler:install_release(Old),
    ok = release_handler:make_permanent(Old),
    Again = gen_server:call(kv, get),
    io:format("~p~n", [{Pid =:= whereis(kv), Before, After, Again}]).
