%% What a weather station measures.
-module(weather).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/0, report/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record('Weather Station', {
    'air.temperature' = 0.0,
    'Wind: speed' = 0,
    wind_speed = none,
    'when' = <<"später"/utf8>>,
    'it\'s' = 'don\'t know'
}).
-state_record('Weather Station').
-state_migration([{rename, 'Wind', 'Wind: speed'}, {drop, 'end', 'not yet'}]).

start_link() -> gen_server:start_link(?MODULE, [], []).

report(Station) -> gen_server:call(Station, report).

init([]) ->
    {ok, #'Weather Station'{}}.

handle_call(report, _From, Station) ->
    {reply, {Station#'Weather Station'.'air.temperature', Station#'Weather Station'.'Wind: speed'}, Station}.

handle_cast({wind, Wind}, Station) ->
    {noreply, Station#'Weather Station'{'Wind: speed' = Wind}}.
