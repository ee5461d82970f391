%% Knows which cars are in a car park.
-module(car_park).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, enter/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {cars = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

enter(CarPark, Car) -> gen_server:call(CarPark, {enter, Car}).

init([]) ->
    {ok, #state{}}.

handle_call({enter, Car}, _From, #state{cars = Cars} = State) ->
    {reply, ok, State#state{cars = [Car | Cars]}}.

handle_cast(_Request, State) ->
    {noreply, State}.
