%% Keeps letters until they are fetched, and lets some wait.
-module(mailbox).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, put/2, fetch/1, defer/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {deferred = [], inbox = [], archive = []}).
-state_record(state).
-state_migration([{rename, letters, inbox}, {rename, fetched, archive}]).

start_link() -> gen_server:start_link(?MODULE, [], []).

put(Mailbox, Letter) -> gen_server:cast(Mailbox, {put, Letter}).

fetch(Mailbox) -> gen_server:call(Mailbox, fetch).

defer(Mailbox) -> gen_server:cast(Mailbox, defer).

init([]) ->
    {ok, #state{}}.

handle_call(fetch, _From, #state{inbox = [Letter | Rest], archive = Archive} = State) ->
    {reply, {ok, Letter}, State#state{inbox = Rest, archive = [Letter | Archive]}};
handle_call(fetch, _From, State) ->
    {reply, empty, State};
handle_call(fetched, _From, State) ->
    {reply, lists:reverse(State#state.archive), State}.

handle_cast(defer, #state{inbox = Inbox, deferred = Deferred} = State) ->
    {noreply, State#state{inbox = [], deferred = Deferred ++ Inbox}};
handle_cast({put, Letter}, State) ->
    {noreply, State#state{inbox = State#state.inbox ++ [Letter]}}.
