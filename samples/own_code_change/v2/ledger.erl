%% Keeps the balance of an account, and who booked what.
-module(ledger).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, book/3]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(state, {balance = 0, journal = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

book(Ledger, Who, Amount) -> gen_server:call(Ledger, {book, Who, Amount}).

init([]) ->
    {ok, #state{}}.

handle_call({book, Who, Amount}, _From, #state{balance = Balance, journal = Journal} = State) ->
    {reply, Balance + Amount, State#state{balance = Balance + Amount, journal = [{Who, Amount} | Journal]}}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% It sees the new record, whatever version the process comes from, and the old one in Extra.
code_change({down, _Vsn}, State, _Extra) ->
    {ok, State};
code_change(OldVsn, #state{journal = []} = State, [{auditor, Name} | _] = Extra) when is_atom(Name) ->
    {state, Balance} = proplists:get_value(old_state, Extra),
    {ok, State#state{journal = [{Name, {carried_over, OldVsn, Balance}}]}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.
