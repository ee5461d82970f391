%% The load of a rehearsal, where it is an Erlang expression: evaluated again and again in a process of the node, so that
%% the system is at work while it is upgraded. An evaluation that raises is a failed call.
-module(migrator_rehearsal_load).
-export([start/2, turn/0, stop/0]).

%% Of the failed calls so many are told, and all are counted.
-define(TOLD, 5).

%% Tells {load, under_way} after the first evaluation, and {load, failed, Text} of each that raises. Gives `ok`, or the
%% text of why it is no expression.
start(Source, Tell) ->
    try
        {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list([Source, " ."])),
        {ok, Expressions} = erl_parse:parse_exprs(Tokens),
        Expressions
    of
        Parsed ->
            register(?MODULE, spawn(fun() -> run(Parsed, Tell, {0, 0}) end)),
            ok
    catch
        error:{badmatch, {error, {_, Module, Reason}, _}} -> {wrong, text("~ts", [Module:format_error(Reason)])};
        error:{badmatch, {error, {_, Module, Reason}}} -> {wrong, text("~ts", [Module:format_error(Reason)])}
    end.

%% Waits until an evaluation that begins from now on has ended.
turn() ->
    Reference = monitor(process, ?MODULE),
    ?MODULE ! {turn, self(), Reference},
    receive
        {turned, Reference} -> ok;
        {'DOWN', Reference, process, _, _} -> ok
    end.

%% {Calls, Failed}; the evaluation that is going on is ended.
stop() ->
    Reference = monitor(process, ?MODULE),
    ?MODULE ! {stop, self()},
    receive
        {?MODULE, Counts} -> Counts;
        {'DOWN', Reference, process, _, _} -> {0, 0}
    end.

run(Expressions, Tell, Counts) ->
    {Worker, Reference} = spawn_monitor(fun() -> evaluated(Expressions) end),
    receive
        {'DOWN', Reference, process, Worker, Reason} ->
            Now = counted(Counts, Reason, Tell),
            % One that only casts must not fill the queue of whom it casts to.
            receive
                {stop, From} ->
                    From ! {?MODULE, Now};
                {turn, From, Turn} ->
                    % Begins after it was asked for.
                    {Last, LastReference} = spawn_monitor(fun() -> evaluated(Expressions) end),
                    receive {'DOWN', LastReference, process, Last, Why} -> ok end,
                    From ! {turned, Turn},
                    run(Expressions, Tell, counted(Now, Why, Tell))
            after 1 ->
                run(Expressions, Tell, Now)
            end;
        {stop, From} ->
            exit(Worker, kill),
            From ! {?MODULE, Counts}
    end.

%% An exit is not logged, as an error would be: what the release logs is told apart from what we do.
evaluated(Expressions) ->
    try erl_eval:exprs(Expressions, erl_eval:new_bindings()) of
        _ -> ok
    catch
        Class:Reason:Stack -> exit({Class, Reason, Stack})
    end.

counted({Calls, Failed}, Reason, Tell) ->
    Ended = Reason =:= normal,
    [Tell({load, failed, said(Reason)}) || not Ended, Failed < ?TOLD],
    [Tell({load, under_way}) || Calls =:= 0],
    {Calls + 1, case Ended of true -> Failed; false -> Failed + 1 end}.

said({Class, Reason, Stack}) -> text("~ts", [erl_error:format_exception(Class, Reason, Stack)]);
said(Reason) -> text("~tp", [Reason]).

text(Format, Arguments) -> unicode:characters_to_binary(io_lib:format(Format, Arguments)).
