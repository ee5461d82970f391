%% Knows what parcels a courier has.
-module(courier).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, load/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {parcels = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

load(Courier, Parcel) -> gen_server:call(Courier, {load, Parcel}).

init([]) ->
    {ok, #state{}}.

handle_call({load, Parcel}, _From, #state{parcels = Parcels} = State) ->
    {reply, ok, State#state{parcels = [Parcel | Parcels]}}.

handle_cast(_Request, State) ->
    {noreply, State}.
