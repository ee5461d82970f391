%% An application of two versions, upgraded, downgraded and upgraded again by OTP's release_handler, looked at each time.
-module(live_supervision).
-export([main/1]).

%% Folder holds `shop-1` and `shop-2`. Names are those of the supervisors to look at. Prints, as one term, what each step gave
%% and the children behind it: {Result, [{Name, [{Id, Pid, Modules}]}]}; a pid as the number of its first appearance, 0 for none.
main([Folder | Names]) ->
    ok = logger:set_primary_config(level, none),
    {ok, _} = application:ensure_all_started(sasl),
    true = code:add_patha(filename:join(Folder, "shop-1/ebin")),
    ok = application:start(shop),
    Looked = [list_to_atom(Name) || Name <- Names],
    {Steps, _} = lists:mapfoldl(fun(Step, Seen) ->
        Result = step(Step, Folder),
        {Children, Now} = look(Looked, Seen),
        {{Result, Children}, Now}
    end, [], [start, up, down, up]),
    io:format("~tp.~n", [Steps]),
    halt(0).

step(start, _) -> ok;
step(up, Folder) -> done(release_handler:upgrade_app(shop, filename:join(Folder, "shop-2")));
step(down, Folder) -> done(release_handler:downgrade_app(shop, filename:join(Folder, "shop-1"))).

done({ok, _}) -> ok;
done(Other) -> {failed, lists:flatten(io_lib:format("~0tp", [Other]))}.

look(Names, Seen) ->
    lists:mapfoldl(fun(Name, Acc) ->
        {Children, Now} = lists:mapfoldl(fun({Id, Pid, _, Modules}, Known) ->
            {Number, More} = number(Pid, Known),
            {{Id, Number, Modules, state(Pid, Modules)}, More}
        end, Acc, children(Name)),
        {{Name, Children}, Now}
    end, Seen, Names).

children(Name) ->
    case whereis(Name) of
        undefined -> [];
        _ -> lists:sort(supervisor:which_children(Name))
    end.

number(Pid, Seen) when is_pid(Pid) ->
    case lists:keyfind(Pid, 1, Seen) of
        {Pid, Number} -> {Number, Seen};
        false -> {length(Seen) + 1, [{Pid, length(Seen) + 1} | Seen]}
    end;
number(_, Seen) -> {0, Seen}.

%% The state of a worker; a supervisor's is not looked at.
state(Pid, _) when is_pid(Pid) ->
    case proc_lib:translate_initial_call(Pid) of
        {supervisor, _, _} -> supervisor;
        _ -> sys:get_state(Pid, 2000)
    end;
state(_, _) -> none.
