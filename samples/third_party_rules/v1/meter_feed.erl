%% Counts what peers report, as it could come from another author: it does not know the migrator.
-module(meter_feed).
-behaviour(gen_server).
-vsn("1.4").

-export([start_link/1, report/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(feed, {name, interval = 5, hits = 0, misses = 0, peers = [], token = <<>>}).   % interval in seconds

start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

report(Feed, What) -> gen_server:cast(Feed, What).

init(Name) ->
    {ok, #feed{name = Name}}.

handle_call(wait, _From, #feed{interval = Seconds} = Feed) ->
    {reply, Seconds * 1000, Feed}.

handle_cast({login, Peer, Token}, #feed{peers = Peers} = Feed) ->
    {noreply, Feed#feed{peers = [Peer | Peers], token = Token}};
handle_cast(hit, #feed{hits = Hits} = Feed) ->
    {noreply, Feed#feed{hits = Hits + 1}};
handle_cast(miss, #feed{misses = Misses} = Feed) ->
    {noreply, Feed#feed{misses = Misses + 1}}.
