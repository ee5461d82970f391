%% A room in which people talk. Bots are no people.
-module(chat_room).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, join/2, people/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {topic, bots = [], people = []}).
-state_record(state).
-state_migration([{rename, users, people}]).

start_link(Topic) -> gen_server:start_link(?MODULE, Topic, []).

join(Room, Who) -> gen_server:cast(Room, {join, Who}).

people(Room) -> gen_server:call(Room, people).

init(Topic) ->
    {ok, #state{topic = Topic}}.

handle_call(people, _From, State) ->
    {reply, State#state.people, State}.

handle_cast({join, {bot, Bot}}, #state{bots = Bots} = State) ->
    {noreply, State#state{bots = [Bot | Bots]}};
handle_cast({join, Who}, #state{people = People} = State) ->
    {noreply, State#state{people = [Who | People]}}.
