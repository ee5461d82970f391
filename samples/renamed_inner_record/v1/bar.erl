%% Counts what its guests drink.
-module(bar).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(guest, {name :: atom(), drinks = 0 :: non_neg_integer()}).
-record(state, {inside = [] :: [#guest{}]}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Names) -> {ok, #state{inside = [#guest{name = Name} || Name <- Names]}}.

handle_call(drinks, _From, State) ->
    {reply, lists:sum([Guest#guest.drinks || Guest <- State#state.inside]), State}.

handle_cast(_Request, State) ->
    {noreply, State}.
