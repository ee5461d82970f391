%% Delivers news, also those from before.
-module(feed).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/1, publish/2, last/1, archive/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, last = none, archive}).
-state_record(state).
-state_migration([{init, archive, as_init}]).

start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

publish(Feed, News) -> gen_server:cast(Feed, {publish, News}).

last(Feed) -> gen_server:call(Feed, last).

archive(Feed) -> gen_server:call(Feed, archive).

init(Name) ->
    {ok, #state{name = Name, archive = queue:new()}}.

handle_call(last, _From, State) ->
    {reply, State#state.last, State};
handle_call(archive, _From, State) ->
    {reply, queue:to_list(State#state.archive), State}.

handle_cast({publish, News}, #state{last = Last, archive = Archive} = State) ->
    {noreply, State#state{last = News, archive = queue:in(Last, Archive)}}.
