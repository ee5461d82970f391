%% An event handler that remembers alarms.
-module(alarms).
-behaviour(gen_event).
-vsn("2.0.0").

-export([add/1, count/1]).
-export([init/1, handle_event/2, handle_call/2, counted/1]).

-record(state, {alarms = [], kept = 100, count}).
-state_record(state).
-state_migration([{rename, seen, alarms}, {init, count, counted}]).

add(Manager) -> gen_event:add_handler(Manager, ?MODULE, []).

count(Manager) -> gen_event:call(Manager, ?MODULE, count).

init(_) ->
    {ok, #state{}}.

handle_event({alarm, Text}, #state{alarms = Alarms, count = Count} = State) ->
    {ok, State#state{alarms = lists:sublist([Text | Alarms], State#state.kept), count = Count + 1}};
handle_event(_Other, State) ->
    {ok, State}.

handle_call(count, State) ->
    {ok, State#state.count, State}.

counted(#{seen := Seen}) -> length(Seen).
