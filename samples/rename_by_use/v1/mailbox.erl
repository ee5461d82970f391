%% Keeps letters until they are fetched.
-module(mailbox).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, put/2, fetch/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {letters = [], fetched = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

put(Mailbox, Letter) -> gen_server:cast(Mailbox, {put, Letter}).

fetch(Mailbox) -> gen_server:call(Mailbox, fetch).

init([]) ->
    {ok, #state{}}.

handle_call(fetch, _From, #state{letters = [Letter | Letters], fetched = Fetched} = State) ->
    {reply, {ok, Letter}, State#state{letters = Letters, fetched = [Letter | Fetched]}};
handle_call(fetch, _From, State) ->
    {reply, empty, State};
handle_call(fetched, _From, State) ->
    {reply, lists:reverse(State#state.fetched), State}.

handle_cast({put, Letter}, State) ->
    {noreply, State#state{letters = State#state.letters ++ [Letter]}}.
