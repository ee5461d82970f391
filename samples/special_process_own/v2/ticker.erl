%% A ticker: a special process of its own, without a behaviour, as proc_lib and sys describe it.
-module(ticker).
-vsn("2.0.0").

-export([start_link/1, ticks/1]).
-export([init/2, loop/3, system_continue/3, system_terminate/4, system_code_change/4]).

-record(state, {asked = 0, interval, ticks = 0}).
-state_record(state).
-state_migration([{rename, count, ticks}]).

start_link(Interval) -> proc_lib:start_link(?MODULE, init, [self(), Interval]).

ticks(Ticker) ->
    Ticker ! {ticks, self()},
    receive {Ticker, Ticks} -> Ticks end.

init(Parent, Interval) ->
    proc_lib:init_ack(Parent, {ok, self()}),
    loop(Parent, sys:debug_options([]), #state{interval = Interval}).

loop(Parent, Debug, #state{interval = Interval, ticks = Ticks} = State) ->
    receive
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Parent, ?MODULE, Debug, State);
        {ticks, Caller} ->
            Caller ! {self(), Ticks},
            loop(Parent, Debug, State#state{asked = State#state.asked + 1})
    after Interval ->
        loop(Parent, Debug, State#state{ticks = Ticks + 1})
    end.

system_continue(Parent, Debug, State) -> loop(Parent, Debug, State).

system_terminate(Reason, _Parent, _Debug, _State) -> exit(Reason).

system_code_change(#state{asked = Asked} = State, ?MODULE, _OldVsn, [{asked, Asked0} | _]) when Asked =:= 0 ->
    {ok, State#state{asked = Asked0}};
system_code_change(State, ?MODULE, _OldVsn, _Extra) ->
    {ok, State}.
