%% A lobby: who is in, by name, who waits, and who came last.
-module(lobby).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, join/2, waiting/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record #session{owner :: atom(), address :: string() | undefined, retries = 0 :: non_neg_integer()}.
-record(seat, {number :: integer(), session :: #session{}}).
-record(state, {
    active = #{} :: #{atom() => #session{}},
    waiting = [] :: [#session{}],
    last :: #seat{} | undefined
}).
-state_record(state).
-state_migration([{in, session, [{rename, user, owner}]}]).

start_link() -> gen_server:start_link(?MODULE, [], []).

join(Lobby, User) -> gen_server:call(Lobby, {join, User}).

waiting(Lobby) -> gen_server:call(Lobby, waiting).

init([]) ->
    {ok, #state{}}.

handle_call({join, User}, _From, #state{active = Active} = State) ->
    Session = #session{owner = User, address = undefined},
    {reply, ok, State#state{active = Active#{User => Session}, last = #seat{number = map_size(Active), session = Session}}};
handle_call(waiting, _From, State) ->
    {reply, [{Session#session.owner, Session#session.retries, Session#session.address} || Session <- State#state.waiting], State}.

handle_cast(_Request, State) ->
    {noreply, State}.
