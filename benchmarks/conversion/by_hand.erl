%% What the generated conversion is measured against: the same as a good programmer writes it, one pattern match; the
%% same as a library does it that knows names and positions only at run time; and a call that does nothing.
-module(by_hand).

-export([match/3, fold/3, nothing/3]).

-record(state, {name, host, port, socket, clients = #{}, queue = [], sent = 0, received = 0, since = 0,
                timeout = 5000, retries = 3}).

match(_OldVsn, {state, Name, Host, Port, Socket, Users, Queue, Sent, Received, Since, _Legacy}, _Extra) ->
    {ok, #state{name = Name, host = Host, port = Port, socket = Socket, clients = Users, queue = Queue,
                sent = Sent, received = Received, since = Since}}.

fold(_OldVsn, Old, _Extra) ->
    {ok, lists:foldl(
           fun({Position, {old, Name}}, New) -> setelement(Position, New, element(position(Name, old_names(), 2), Old));
              ({Position, {value, Value}}, New) -> setelement(Position, New, Value)
           end,
           erlang:make_tuple(12, undefined, [{1, state}]),
           sources())}.

nothing(_OldVsn, State, _Extra) ->
    {ok, State}.

old_names() ->
    [name, host, port, socket, users, queue, sent, received, since, legacy].

sources() ->
    [{2, {old, name}}, {3, {old, host}}, {4, {old, port}}, {5, {old, socket}}, {6, {old, users}}, {7, {old, queue}},
     {8, {old, sent}}, {9, {old, received}}, {10, {old, since}}, {11, {value, 5000}}, {12, {value, 3}}].

position(Name, [Name | _], Position) -> Position;
position(Name, [_ | Names], Position) -> position(Name, Names, Position + 1).
