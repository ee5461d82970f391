%% A room in which people talk.
-module(chat_room).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, join/2, people/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {topic, users = []}).
-state_record(state).

start_link(Topic) -> gen_server:start_link(?MODULE, Topic, []).

join(Room, User) -> gen_server:cast(Room, {join, User}).

people(Room) -> gen_server:call(Room, people).

init(Topic) ->
    {ok, #state{topic = Topic}}.

handle_call(people, _From, State) ->
    {reply, State#state.users, State}.

handle_cast({join, User}, #state{users = Users} = State) ->
    {noreply, State#state{users = [User | Users]}}.
