%% Remembers what was asked for last.
-module(cache).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, ask/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, last = none}).
-state_record(state).

start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

ask(Cache, Key) -> gen_server:call(Cache, {ask, Key}).

init(Name) ->
    {ok, #state{name = Name}}.

handle_call({ask, Key}, _From, State) ->
    {reply, State#state.last, State#state{last = Key}}.

handle_cast(_Request, State) ->
    {noreply, State}.
