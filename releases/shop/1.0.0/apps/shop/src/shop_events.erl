%% The manager of events, with the handler that counts what was paid.
-module(shop_events).
-export([start_link/0, tell/1, paid/0]).

start_link() ->
    {ok, Manager} = gen_event:start_link({local, ?MODULE}),
    ok = gen_event:add_handler(Manager, shop_audit, []),
    {ok, Manager}.

%% Returns when all handlers have seen it.
tell(Event) ->
    gen_event:sync_notify(?MODULE, Event).

paid() ->
    gen_event:call(?MODULE, shop_audit, paid).
