%% A queue of jobs.
-module(jobs).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, add/2, finish/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {waiting = [], done = 0}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

add(Jobs, Job) -> gen_server:call(Jobs, {add, Job}).

finish(Jobs, Job) -> gen_server:cast(Jobs, {finish, Job}).

init([]) ->
    {ok, #state{}}.

handle_call({add, Job}, _From, #state{waiting = Waiting} = State) ->
    {reply, ok, State#state{waiting = Waiting ++ [Job]}}.

handle_cast({finish, Job}, #state{waiting = Waiting, done = Done} = State) ->
    {noreply, State#state{waiting = lists:delete(Job, Waiting), done = Done + 1}}.
