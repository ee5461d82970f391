%% Who is here. Those who were silent for a minute are taken to be gone.
-module(presence).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, seen/2, who/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(state, {seen = #{}, sweeper}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

seen(Presence, Name) -> gen_server:cast(Presence, {seen, Name, erlang:monotonic_time(second)}).

who(Presence) -> gen_server:call(Presence, who).

init([]) ->
    {ok, #state{sweeper = sweep_later()}}.

handle_call(who, _From, #state{seen = Seen} = State) ->
    {reply, maps:keys(Seen), State}.

handle_cast({seen, Name, Now}, #state{seen = Seen} = State) ->
    {noreply, State#state{seen = Seen#{Name => Now}}}.

handle_info(sweep, #state{seen = Seen} = State) ->
    Oldest = erlang:monotonic_time(second) - 60,
    Left = maps:filter(fun(_, Time) -> Time >= Oldest end, Seen),
    {noreply, State#state{seen = Left, sweeper = sweep_later()}}.

sweep_later() -> erlang:send_after(60_000, self(), sweep).
