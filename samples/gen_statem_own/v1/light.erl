%% A traffic light that changes when it is told to.
-module(light).
-behaviour(gen_statem).
-vsn("1.0.0").

-export([start_link/0, change/1]).
-export([init/1, callback_mode/0, handle_event/4]).

-record(data, {changes = 0}).
-state_record(data).

start_link() -> gen_statem:start_link(?MODULE, [], []).

change(Light) -> gen_statem:call(Light, change).

callback_mode() -> handle_event_function.

init([]) ->
    {ok, stop, #data{}}.

handle_event({call, From}, change, Light, #data{changes = Changes} = Data) ->
    Next = case Light of stop -> go; go -> stop end,
    {next_state, Next, Data#data{changes = Changes + 1}, [{reply, From, Next}]}.
