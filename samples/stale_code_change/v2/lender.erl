%% Lends workers, as many as there may be.
-module(lender).
-behaviour(gen_server).
-vsn("3.0.0").

-export([start_link/1, lend/1]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(state, {free = [], lent = 0, most = 100}).
-state_record(state).

start_link(Workers) -> gen_server:start_link(?MODULE, Workers, []).

lend(Lender) -> gen_server:call(Lender, lend).

init(Workers) ->
    {ok, #state{free = Workers}}.

handle_call(lend, _From, #state{free = [Worker | Free], lent = Lent, most = Most} = State) when Lent < Most ->
    {reply, Worker, State#state{free = Free, lent = Lent + 1}}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% From 1.0.0, whose state was {state, Free}.
code_change("1.0.0", State, _Extra) ->
    {ok, erlang:append_element(State, 0)};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.
