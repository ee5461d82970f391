%% Checks a password.
-module(login).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {user, password = "" :: string()}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init(User) -> {ok, #state{user = User}}.

handle_call({check, Password}, _From, State) ->
    {reply, State#state.password =:= Password, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
