%% Lets so many calls pass.
-module(limiter).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, ask/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {limit, used = 0}).
-state_record(state).

start_link(Limit) -> gen_server:start_link(?MODULE, Limit, []).

ask(Limiter) -> gen_server:call(Limiter, ask).

init(Limit) ->
    {ok, #state{limit = Limit}}.

handle_call(ask, _From, #state{limit = Limit, used = Used} = State) when Used < Limit ->
    {reply, ok, State#state{used = Used + 1}};
handle_call(ask, _From, State) ->
    {reply, wait, State}.

handle_cast(reset, State) ->
    {noreply, State#state{used = 0}}.
