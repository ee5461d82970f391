%% A ticket: its number and who wrote it. Other modules keep tickets and do not look into them.
-module(ticket).

-export([new/2, number/1]).
-export_type([t/0]).

-record(ticket, {number :: pos_integer(), user :: atom()}).
-opaque t() :: #ticket{}.

-spec new(pos_integer(), atom()) -> t().
new(Number, User) ->
    #ticket{number = Number, user = User}.

-spec number(t()) -> pos_integer().
number(#ticket{number = Number}) ->
    Number.
