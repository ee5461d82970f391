%% A traffic light that changes when it is told to.
-module(light).
-behaviour(gen_statem).
-vsn("2.0.0").

-export([start_link/0, change/1]).
-export([init/1, callback_mode/0, handle_event/4, code_change/4]).

-record(data, {changes = 0, since = undefined, last_green = 0}).
-state_record(data).

start_link() -> gen_statem:start_link(?MODULE, [], []).

change(Light) -> gen_statem:call(Light, change).

callback_mode() -> handle_event_function.

init([]) ->
    {ok, red, #data{}}.

handle_event({call, From}, change, Light, #data{changes = Changes} = Data) ->
    {Next, New} = next(Light, Data#data{changes = Changes + 1}),
    {next_state, Next, New, [{reply, From, Next}]}.

next(red, Data) -> {green, Data#data{last_green = Data#data.changes}};
next(green, Data) -> {red, Data}.

%% The names of the states changed: the machine's own state is not in the record.
code_change({down, _Vsn}, Light, Data, _Extra) ->
    {ok, case Light of red -> stop; green -> go end, Data};
code_change(_OldVsn, stop, Data, _Extra) ->
    {ok, red, Data};
code_change(_OldVsn, go, #data{changes = Changes} = Data, _Extra) ->
    {ok, green, Data#data{last_green = Changes}};
code_change(_OldVsn, Light, Data, _Extra) ->
    {ok, Light, Data}.
