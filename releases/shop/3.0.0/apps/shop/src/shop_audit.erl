%% Counts the orders that were paid.
-module(shop_audit).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2]).

-record(audit, {paid = 0 :: non_neg_integer(), by_item = #{} :: #{binary() => pos_integer()}}).
-state_record(audit).

init([]) ->
    {ok, #audit{}}.

handle_event({paid, Item}, #audit{paid = Paid, by_item = Items} = Audit) ->
    {ok, Audit#audit{paid = Paid + 1, by_item = maps:update_with(Item, fun(Count) -> Count + 1 end, 1, Items)}};
handle_event(_Event, Audit) ->
    {ok, Audit}.

handle_call(paid, #audit{paid = Paid} = Audit) ->
    {ok, Paid, Audit};
handle_call({paid, Item}, #audit{by_item = Items} = Audit) ->
    {ok, maps:get(Item, Items, 0), Audit};
handle_call(_Request, Audit) ->
    {ok, unknown, Audit}.
