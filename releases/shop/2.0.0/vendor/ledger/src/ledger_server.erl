%% The sum and the number of its entries. It knows nothing of the migrator.
-module(ledger_server).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(st, {balance = 0, entries = 0, opened}).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    {ok, #st{opened = erlang:system_time(second)}}.

handle_call({enter, Amount}, _From, #st{balance = Sum, entries = Entries} = St) ->
    {reply, ok, St#st{balance = Sum + Amount, entries = Entries + 1}};
handle_call(balance, _From, #st{balance = Sum} = St) ->
    {reply, Sum, St}.

handle_cast(_Message, St) ->
    {noreply, St}.
