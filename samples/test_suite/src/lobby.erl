%% A lobby: who is in, by name, who waits, and how many may be in.
-module(lobby).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, join/2, waiting/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(session, {owner :: atom(), address :: string() | undefined, retries = 0 :: non_neg_integer()}).
-record(state, {
    active = #{} :: #{atom() => #session{}},
    waiting = queue:new() :: queue:queue(#session{}),
    last :: #session{} | undefined,
    count = 0 :: non_neg_integer(),
    limit = 100 :: pos_integer()
}).
-state_record(state).
-state_migration([{in, session, [{rename, user, owner}]}]).

start_link() ->
    gen_server:start_link(?MODULE, [], []).

join(Lobby, User) ->
    gen_server:call(Lobby, {join, User}).

waiting(Lobby) ->
    gen_server:call(Lobby, waiting).

init([]) ->
    {ok, #state{}}.

handle_call({join, _User}, _From, #state{count = Limit, limit = Limit} = State) ->
    {reply, full, State};
handle_call({join, User}, _From, #state{active = Active, count = Count} = State) ->
    Session = #session{owner = User},
    {reply, ok, State#state{active = Active#{User => Session}, last = Session, count = Count + 1}};
handle_call(waiting, _From, State) ->
    {reply, queue:len(State#state.waiting), State}.

handle_cast(_Request, State) ->
    {noreply, State}.
