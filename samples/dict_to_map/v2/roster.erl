%% Who is on duty, and since when.
-module(roster).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, add/3, since/2]).
-export([init/1, handle_call/3, handle_cast/2]).
-export([users_up/1, users_down/1, notes_up/1, notes_down/1]).

-record(state, {name, users = #{}, notes = <<>>}).
-state_record(state).
-state_migration([{convert, users, users_up, users_down}, {convert, notes, notes_up, notes_down}]).

start_link(Name) -> gen_server:start_link(?MODULE, Name, []).

add(Roster, User, Since) -> gen_server:cast(Roster, {add, User, Since}).

since(Roster, User) -> gen_server:call(Roster, {since, User}).

init(Name) ->
    {ok, #state{name = Name}}.

handle_call({since, User}, _From, State) ->
    {reply, maps:find(User, State#state.users), State}.

handle_cast({add, User, Since}, #state{users = Users} = State) ->
    {noreply, State#state{users = Users#{User => Since}}}.

users_up(Value) -> maps:from_list(dict:to_list(Value)).
users_down(Value) -> dict:from_list(maps:to_list(Value)).

notes_up(Value) -> list_to_binary(Value).
notes_down(Value) -> binary_to_list(Value).
