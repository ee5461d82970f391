%% Keeps the balance of an account.
-module(ledger).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, book/2]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(state, {balance = 0}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

book(Ledger, Amount) -> gen_server:call(Ledger, {book, Amount}).

init([]) ->
    {ok, #state{}}.

handle_call({book, Amount}, _From, #state{balance = Balance} = State) ->
    {reply, Balance + Amount, State#state{balance = Balance + Amount}}.

handle_cast(_Request, State) ->
    {noreply, State}.

code_change(_OldVsn, State, _Extra) ->
    {ok, State}.
