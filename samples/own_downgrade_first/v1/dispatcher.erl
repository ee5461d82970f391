%% Sends calls to the drivers of a taxi company.
-module(dispatcher).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, call/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {calls = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

call(Dispatcher, Address) -> gen_server:call(Dispatcher, {call, Address}).

init([]) ->
    {ok, #state{}}.

handle_call({call, Address}, _From, #state{calls = Calls} = State) ->
    {reply, ok, State#state{calls = Calls ++ [Address]}};
handle_call(next, _From, #state{calls = [Address | Calls]} = State) ->
    {reply, Address, State#state{calls = Calls}}.

handle_cast(_Request, State) ->
    {noreply, State}.
