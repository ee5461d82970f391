%% Greets.
-module(plain).
-export([hello/0]).

hello() ->
    'hello, world'.
