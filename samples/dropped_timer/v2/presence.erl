%% Who is here, since when. Whoever asks leaves out those who were silent for too long.
-module(presence).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, seen/2, who/2]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(state, {seen = #{}}).
-state_record(state).
-state_migration([{drop, sweeper}]).

start_link() -> gen_server:start_link(?MODULE, [], []).

seen(Presence, Name) -> gen_server:cast(Presence, {seen, Name, erlang:monotonic_time(second)}).

who(Presence, Since) -> gen_server:call(Presence, {who, Since}).

init([]) ->
    {ok, #state{}}.

handle_call({who, Since}, _From, #state{seen = Seen} = State) ->
    {reply, [Name || {Name, Time} <- maps:to_list(Seen), Time >= Since], State}.

handle_cast({seen, Name, Now}, #state{seen = Seen} = State) ->
    {noreply, State#state{seen = Seen#{Name => Now}}}.

%% The state is the new one already; the timer of the old one must not fire any more.
code_change({down, _}, State, _Extra) ->
    {ok, State};
code_change(_OldVsn, State, Extra) ->
    _ = case proplists:get_value(old_state, Extra) of
        {state, _, Sweeper} when is_reference(Sweeper) -> erlang:cancel_timer(Sweeper);
        _ -> ok
    end,
    {ok, State}.
