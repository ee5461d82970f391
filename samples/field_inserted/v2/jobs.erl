%% A queue of jobs, which knows those that are running.
-module(jobs).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/0, add/2, take/1, finish/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {waiting = [], running = [], done = 0}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

add(Jobs, Job) -> gen_server:call(Jobs, {add, Job}).

take(Jobs) -> gen_server:call(Jobs, take).

finish(Jobs, Job) -> gen_server:cast(Jobs, {finish, Job}).

init([]) ->
    {ok, #state{}}.

handle_call({add, Job}, _From, #state{waiting = Waiting} = State) ->
    {reply, ok, State#state{waiting = Waiting ++ [Job]}};
handle_call(take, _From, #state{waiting = [Job | Waiting], running = Running} = State) ->
    {reply, {ok, Job}, State#state{waiting = Waiting, running = [Job | Running]}};
handle_call(take, _From, State) ->
    {reply, empty, State}.

handle_cast({finish, Job}, #state{running = Running, done = Done} = State) ->
    {noreply, State#state{running = lists:delete(Job, Running), done = Done + 1}}.
