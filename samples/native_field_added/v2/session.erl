%% One process for each user who is logged in.
-module(session).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, touch/2, last_seen/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record #state{user, last_seen = 0, device = unknown}.
-state_record(state).
-state_migration([{drop, token, none}]).

start_link(User) -> gen_server:start_link(?MODULE, User, []).

touch(Session, Time) -> gen_server:cast(Session, {touch, Time}).

last_seen(Session) -> gen_server:call(Session, last_seen).

init(User) ->
    {ok, #state{user = User}}.

handle_call(last_seen, _From, State) ->
    {reply, {State#state.last_seen, State#state.device}, State}.

handle_cast({touch, Time}, State) ->
    {noreply, State#state{last_seen = Time}}.
