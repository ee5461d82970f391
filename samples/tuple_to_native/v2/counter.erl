%% Counts what it is told to, by name.
-module(counter).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, count/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record #state{counts = #{} :: #{atom() => integer()}, started :: integer(), limit = 1000 :: pos_integer()}.
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

count(Counter, Name) -> gen_server:call(Counter, {count, Name}).

init([]) ->
    {ok, #state{started = erlang:system_time(second)}}.

handle_call({count, Name}, _From, #state{counts = Counts} = State) ->
    New = maps:update_with(Name, fun(N) -> N + 1 end, 1, Counts),
    {reply, {map_get(Name, New), State#state.limit}, State#state{counts = New}}.

handle_cast(_Request, State) ->
    {noreply, State}.
