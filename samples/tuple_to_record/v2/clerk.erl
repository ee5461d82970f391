-module(clerk).
-behaviour(gen_server).
-vsn("2.0.0").

-export([init/1, handle_call/3, handle_cast/2]).
-export([from_tuple/1, to_tuple/1]).

-record(clerk, {name :: atom(), waiting = queue:new() :: queue:queue(atom()), served = 0 :: non_neg_integer()}).
-state_record(clerk).
-state_migration([{from, "1.0.0", [{state, from_tuple, to_tuple}]}]).

init(Name) ->
    {ok, #clerk{name = Name}}.

handle_call(next, _From, #clerk{waiting = Waiting, served = Served} = State) ->
    case queue:out(Waiting) of
        {{value, Next}, Left} -> {reply, Next, State#clerk{waiting = Left, served = Served + 1}};
        {empty, _} -> {reply, none, State}
    end.

handle_cast({wait, Who}, #clerk{waiting = Waiting} = State) ->
    {noreply, State#clerk{waiting = queue:in(Who, Waiting)}}.

from_tuple({Name, Waiting}) ->
    #clerk{name = Name, waiting = queue:from_list(Waiting)}.

to_tuple(#clerk{name = Name, waiting = Waiting}) ->
    {Name, queue:to_list(Waiting)}.
