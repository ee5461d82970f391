%% A lobby: who is in, by name, and who waits.
-module(lobby).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, join/2, waiting/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(session, {user :: atom(), address :: string() | undefined}).
-record(state, {
    active = #{} :: #{atom() => #session{}},
    waiting = queue:new() :: queue:queue(#session{}),
    last :: #session{} | undefined,
    count = 0 :: non_neg_integer()
}).
-state_record(state).

start_link() ->
    gen_server:start_link(?MODULE, [], []).

join(Lobby, User) ->
    gen_server:call(Lobby, {join, User}).

waiting(Lobby) ->
    gen_server:call(Lobby, waiting).

init([]) ->
    {ok, #state{}}.

handle_call({join, User}, _From, #state{active = Active, count = Count} = State) ->
    Session = #session{user = User},
    {reply, ok, State#state{active = Active#{User => Session}, last = Session, count = Count + 1}};
handle_call(waiting, _From, State) ->
    {reply, queue:len(State#state.waiting), State}.

handle_cast(_Request, State) ->
    {noreply, State}.
