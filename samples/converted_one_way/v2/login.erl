%% Checks a password, of which it knows the hash.
-module(login).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, hash/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {user, password = 0 :: non_neg_integer()}).
-state_record(state).
-state_migration([{convert, password, hash}]).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(User) -> {ok, #state{user = User}}.

handle_call({check, Password}, _From, State) ->
    {reply, State#state.password =:= hash(Password), State}.

%% For a sample: a real one is slow, and has salt.
hash(Password) -> erlang:phash2(Password).

handle_cast(_Request, State) ->
    {noreply, State}.
