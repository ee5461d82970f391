%% What others call.
-module(ledger).
-export([enter/1, balance/0]).

enter(Amount) ->
    gen_server:call(ledger_server, {enter, Amount}).

balance() ->
    gen_server:call(ledger_server, balance).
