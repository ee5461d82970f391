%% An event handler that remembers alarms.
-module(alarms).
-behaviour(gen_event).
-vsn("1.0.0").

-export([add/1, count/1]).
-export([init/1, handle_event/2, handle_call/2]).

-record(state, {seen = []}).
-state_record(state).

add(Manager) -> gen_event:add_handler(Manager, ?MODULE, []).

count(Manager) -> gen_event:call(Manager, ?MODULE, count).

init(_) ->
    {ok, #state{}}.

handle_event({alarm, Text}, #state{seen = Seen} = State) ->
    {ok, State#state{seen = [Text | Seen]}};
handle_event(_Other, State) ->
    {ok, State}.

handle_call(count, State) ->
    {ok, length(State#state.seen), State}.
