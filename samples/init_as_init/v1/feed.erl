%% Delivers news.
-module(feed).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, publish/2, last/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, last = none}).
-state_record(state).

start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

publish(Feed, News) -> gen_server:cast(Feed, {publish, News}).

last(Feed) -> gen_server:call(Feed, last).

init(Name) ->
    {ok, #state{name = Name}}.

handle_call(last, _From, State) ->
    {reply, State#state.last, State}.

handle_cast({publish, News}, State) ->
    {noreply, State#state{last = News}}.
