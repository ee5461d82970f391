%% Prints sheets, one job after the other.
-module(printer).
-behaviour(worker).
-vsn("1.0.0").

-export([start_link/1, start/1, work/2]).

-record(state, {name, sheets = 0}).
-state_record(state).

start_link(Name) -> worker:start_link(?MODULE, Name).

start(Name) -> #state{name = Name}.

work({print, Sheets}, #state{sheets = Printed} = State) -> State#state{sheets = Printed + Sheets}.
