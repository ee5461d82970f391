-module(meter).
-behaviour(gen_server).
-vsn("2.0.0").

-export([init/1, handle_call/3, handle_cast/2]).
-export([to_map/1, to_record/1]).

-type meter() :: #{unit := atom(), total := number(), readings := non_neg_integer()}.
-state_type(meter).
-export_type([meter/0]).
-state_migration([{state, to_map, to_record}]).

init(Unit) ->
    {ok, #{unit => Unit, total => 0, readings => 0}}.

handle_call(total, _From, #{total := Total} = Meter) ->
    {reply, Total, Meter}.

handle_cast({add, Value}, #{total := Total, readings := Readings} = Meter) ->
    {noreply, Meter#{total := Total + Value, readings := Readings + 1}}.

to_map({state, Unit, Total}) ->
    #{unit => Unit, total => Total, readings => 0}.

to_record(#{unit := Unit, total := Total}) ->
    {state, Unit, Total}.
