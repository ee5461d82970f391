%% The count.
-module(counter_server).
-vsn("0.2.0").
-behaviour(gen_server).
-export([start_link/0, up/0]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {step = 1 :: pos_integer(), count = 0 :: non_neg_integer()}).
-state_record(state).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

up() ->
    gen_server:call(?MODULE, up).

init([]) ->
    {ok, #state{}}.

handle_call(up, _From, #state{step = Step, count = Count} = State) ->
    {reply, Count + Step, State#state{count = Count + Step}}.

handle_cast(_Message, State) ->
    {noreply, State}.
