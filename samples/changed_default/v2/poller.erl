%% Asks a device for its value from time to time, and gives up at last.
-module(poller).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/1, every/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {device, interval = 5000, attempts = 3}).
-state_record(state).

start_link(Device) -> gen_server:start_link(?MODULE, Device, []).

every(Poller, Interval) -> gen_server:call(Poller, {every, Interval}).

init(Device) ->
    {ok, #state{device = Device}}.

handle_call({every, Interval}, _From, State) ->
    {reply, State#state.interval, State#state{interval = Interval}}.

handle_cast(failed, #state{attempts = 0} = State) ->
    {stop, normal, State};
handle_cast(failed, #state{attempts = Attempts} = State) ->
    {noreply, State#state{attempts = Attempts - 1}}.
