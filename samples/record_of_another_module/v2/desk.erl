%% A desk: the tickets that are open, and the number of the last one.
-module(desk).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, open/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {
    open = [] :: [ticket:t()],
    last = 0 :: non_neg_integer()
}).
-state_record(state).
-state_migration([{in, ticket, [{rename, user, owner}]}]).

start_link() ->
    gen_server:start_link(?MODULE, [], []).

open(Desk, User) ->
    gen_server:call(Desk, {open, User}).

init([]) ->
    {ok, #state{}}.

handle_call({open, User}, _From, #state{open = Open, last = Last} = State) ->
    Ticket = ticket:new(Last + 1, User),
    {reply, Last + 1, State#state{open = [Ticket | Open], last = Last + 1}}.

handle_cast(_Request, State) ->
    {noreply, State}.
