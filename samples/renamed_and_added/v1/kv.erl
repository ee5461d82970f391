%% A key-value server: each process keeps one table of entries in its state.
-module(kv).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, put/3, get/2, count/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {name, users = #{}, legacy = []}).
-state_record(state).

start_link(Name) ->
    gen_server:start_link({local, Name}, ?MODULE, Name, []).

put(Server, Key, Value) ->
    gen_server:call(Server, {put, Key, Value}).

get(Server, Key) ->
    gen_server:call(Server, {get, Key}).

count(Server) ->
    gen_server:call(Server, count).

init(Name) ->
    {ok, #state{name = Name}}.

handle_call({put, Key, Value}, _From, #state{users = Users} = State) ->
    {reply, ok, State#state{users = Users#{Key => Value}}};
handle_call({get, Key}, _From, #state{users = Users} = State) ->
    {reply, maps:find(Key, Users), State};
handle_call(count, _From, #state{users = Users} = State) ->
    {reply, maps:size(Users), State}.

handle_cast(_Request, State) ->
    {noreply, State}.
