%% Knows which cars are in a car park, and which places are free.
-module(car_park).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, enter/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {
    cars = [],
    free = [{Row, Place} || Row <- rows(), Place <- lists:seq(1, 2)],
    price = (fun() -> {Old, New} = prices(), max(Old, New) end)()
}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

enter(CarPark, Car) -> gen_server:call(CarPark, {enter, Car}).

init([]) ->
    {ok, #state{}}.

handle_call({enter, _Car}, _From, #state{free = []} = State) ->
    {reply, full, State};
handle_call({enter, Car}, _From, #state{cars = Cars, free = [Place | Free]} = State) ->
    {reply, {Place, State#state.price}, State#state{cars = [Car | Cars], free = Free}}.

handle_cast(_Request, State) ->
    {noreply, State}.

rows() -> [a, b].

prices() -> {3, 4}.
