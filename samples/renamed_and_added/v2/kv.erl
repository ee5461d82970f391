%% A key-value server: each process keeps one table of entries in its state, and counts what it found. A server that
%% nobody calls for a while hibernates, which gives its memory back.
-module(kv).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, put/3, get/2, count/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-record(state, {name, clients = #{}, timeout = 5000, hits = 0}).
-state_record(state).
-state_migration([{rename, users, clients}, {drop, legacy}]).

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

handle_call({put, Key, Value}, _From, #state{clients = Clients} = State) ->
    reply(ok, State#state{clients = Clients#{Key => Value}});
handle_call({get, Key}, _From, #state{clients = Clients, hits = Hits} = State) ->
    case Clients of
        #{Key := Value} -> reply({ok, Value}, State#state{hits = Hits + 1});
        _ -> reply(error, State)
    end;
handle_call(count, _From, #state{clients = Clients} = State) ->
    reply(maps:size(Clients), State).

handle_cast(_Request, State) ->
    {noreply, State, State#state.timeout}.

handle_info(timeout, State) ->
    {noreply, State, hibernate};
handle_info(_Message, State) ->
    {noreply, State, State#state.timeout}.

reply(Answer, State) ->
    {reply, Answer, State, State#state.timeout}.
