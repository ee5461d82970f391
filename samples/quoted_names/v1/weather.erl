%% What a weather station measures.
-module(weather).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, report/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record('Weather Station', {'air.temperature' = 0.0, 'Wind' = 0, 'end' = never}).
-state_record('Weather Station').

start_link() -> gen_server:start_link(?MODULE, [], []).

report(Station) -> gen_server:call(Station, report).

init([]) ->
    {ok, #'Weather Station'{}}.

handle_call(report, _From, Station) ->
    {reply, {Station#'Weather Station'.'air.temperature', Station#'Weather Station'.'Wind'}, Station}.

handle_cast({wind, Wind}, Station) ->
    {noreply, Station#'Weather Station'{'Wind' = Wind}}.
