%% Keeps what passes.
-module(filter).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, put/2, kept/1, default/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {pass, kept = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

put(Filter, Item) -> gen_server:cast(Filter, {put, Item}).

kept(Filter) -> gen_server:call(Filter, kept).

init([]) ->
    {ok, #state{pass = fun default/1}}.

handle_call(kept, _From, State) ->
    {reply, State#state.kept, State}.

handle_cast({put, Item}, #state{pass = Pass, kept = Kept} = State) ->
    {noreply, State#state{kept = [Item || Pass(Item)] ++ Kept}}.

default(Item) -> Item =/= none.
