%% Who is on duty, and since when.
-module(roster).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, add/3, since/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, users = dict:new(), notes = ""}).
-state_record(state).

start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

add(Roster, User, Since) -> gen_server:cast(Roster, {add, User, Since}).

since(Roster, User) -> gen_server:call(Roster, {since, User}).

init(Name) ->
    {ok, #state{name = Name}}.

handle_call({since, User}, _From, State) ->
    {reply, dict:find(User, State#state.users), State}.

handle_cast({add, User, Since}, #state{users = Users} = State) ->
    {noreply, State#state{users = dict:store(User, Since, Users)}}.
