%% Counts what its guests drink.
-module(bar).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(patron, {name :: atom(), tab = 0 :: non_neg_integer(), drinks = 0 :: non_neg_integer()}).
-record(state, {inside = [] :: [#patron{}]}).
-state_record(state).
-state_migration([{rename_record, guest, patron}]).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(Names) -> {ok, #state{inside = [#patron{name = Name} || Name <- Names]}}.

handle_call(drinks, _From, State) ->
    {reply, lists:sum([Patron#patron.drinks || Patron <- State#state.inside]), State}.

handle_cast(_Request, State) ->
    {noreply, State}.
