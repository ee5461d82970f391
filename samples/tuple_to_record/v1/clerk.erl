-module(clerk).
-behaviour(gen_server).
-vsn("1.0.0").

-export([init/1, handle_call/3, handle_cast/2]).

init(Name) ->
    {ok, {Name, []}}.

handle_call(next, _From, {Name, [Next | Waiting]}) ->
    {reply, Next, {Name, Waiting}};
handle_call(next, _From, {_, []} = State) ->
    {reply, none, State}.

handle_cast({wait, Who}, {Name, Waiting}) ->
    {noreply, {Name, Waiting ++ [Who]}}.
