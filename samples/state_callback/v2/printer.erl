%% Prints sheets, one job after the other.
-module(printer).
-behaviour(worker).
-vsn("2.0.0").

-export([start_link/1, start/1, work/2]).

-record(state, {name, toner = 1000, sheets = 0}).
-state_record(state).
-state_callback({migrate, 3, 2}).

start_link(Name) -> worker:start_link(?MODULE, Name).

start(Name) -> #state{name = Name}.

work({print, Sheets}, #state{sheets = Printed, toner = Toner} = State) ->
    State#state{sheets = Printed + Sheets, toner = max(0, Toner - Sheets)}.
