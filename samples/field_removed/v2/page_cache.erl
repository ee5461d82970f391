%% Keeps rendered pages.
-module(page_cache).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, store/3, lookup/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {pages = #{}, hits = 0}).
-state_record(state).
-state_migration([{drop, misses}]).

start_link() -> gen_server:start_link(?MODULE, [], []).

store(Cache, Url, Page) -> gen_server:cast(Cache, {store, Url, Page}).

lookup(Cache, Url) -> gen_server:call(Cache, {lookup, Url}).

init([]) ->
    {ok, #state{}}.

handle_call({lookup, Url}, _From, #state{pages = Pages, hits = Hits} = State) ->
    case Pages of
        #{Url := Page} -> {reply, {ok, Page}, State#state{hits = Hits + 1}};
        _ -> {reply, error, State}
    end.

handle_cast({store, Url, Page}, #state{pages = Pages} = State) ->
    {noreply, State#state{pages = Pages#{Url => Page}}}.
