%% How many requests of each kind there were.
-module(shop_stats).
-behaviour(gen_server).
-export([start_link/0, count/1, all/0]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {counts = #{} :: #{atom() => pos_integer()}}).
-state_record(state).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

count(Kind) ->
    gen_server:cast(?MODULE, {count, Kind}).

%% Of all kinds together.
all() ->
    gen_server:call(?MODULE, all).

init([]) ->
    {ok, #state{}}.

handle_call(all, _From, #state{counts = Counts} = State) ->
    {reply, lists:sum(maps:values(Counts)), State}.

handle_cast({count, Kind}, #state{counts = Counts} = State) ->
    {noreply, State#state{counts = maps:update_with(Kind, fun(Count) -> Count + 1 end, 1, Counts)}}.
