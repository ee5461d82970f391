-module(desk).
-behaviour(gen_server).
-vsn("1.0.0").

-export([init/1, handle_call/3, handle_cast/2]).

-record(session, {user :: atom(), address :: string() | undefined}).
-record(ticket, {number :: integer()}).

-type desk() :: #{sessions := [#session{}], tickets := #{integer() => #ticket{}}, last => #session{}, open := boolean()}.
-state_type(desk).
-export_type([desk/0]).

init([]) ->
    {ok, #{sessions => [], tickets => #{}, open => true}}.

handle_call({join, User}, _From, #{sessions := Sessions} = Desk) ->
    Session = #session{user = User},
    {reply, ok, Desk#{sessions := [Session | Sessions], last => Session}};
handle_call({ticket, Number}, _From, #{tickets := Tickets} = Desk) ->
    {reply, ok, Desk#{tickets := Tickets#{Number => #ticket{number = Number}}}}.

handle_cast(close, Desk) ->
    {noreply, Desk#{open := false}}.
