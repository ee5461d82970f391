%% Counts what peers report, as it could come from another author: it does not know the migrator.
-module(meter_feed).
-behaviour(gen_server).
-vsn("2.0").

-export([start_link/1, report/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(feed, {name, interval = 5000, total = 0, sources = []}).   % interval in milliseconds

start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

report(Feed, What) -> gen_server:cast(Feed, What).

init(Name) ->
    {ok, #feed{name = Name}}.

handle_call(wait, _From, #feed{interval = Milliseconds} = Feed) ->
    {reply, Milliseconds, Feed}.

handle_cast({login, Peer}, #feed{sources = Sources} = Feed) ->
    {noreply, Feed#feed{sources = [Peer | Sources]}};
handle_cast(_, #feed{total = Total} = Feed) ->
    {noreply, Feed#feed{total = Total + 1}}.
