%% Knows what parcels and what letters a courier has.
-module(courier).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, load/2]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(state, {parcels = [], letters = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

load(Courier, Item) -> gen_server:call(Courier, {load, Item}).

init([]) ->
    {ok, #state{}}.

handle_call({load, {letter, Letter}}, _From, #state{letters = Letters} = State) ->
    {reply, ok, State#state{letters = [Letter | Letters]}};
handle_call({load, Parcel}, _From, #state{parcels = Parcels} = State) ->
    {reply, ok, State#state{parcels = [Parcel | Parcels]}}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% To 1.0.0 a letter is a small parcel.
code_change({down, _Vsn}, {state, Parcels}, Extra) ->
    New = proplists:get_value(old_state, Extra),
    {ok, {state, Parcels ++ New#state.letters}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.
