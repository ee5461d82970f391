%% Talks to a service with a token that it keeps.
-module(api_client).
-behaviour(gen_server).
-vsn("1.4.0").

-export([start_link/2, header/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {url, token, sent = 0}).
-state_record(state).

start_link(Url, Token) -> gen_server:start_link(?MODULE, {Url, Token}, []).

header(Client) -> gen_server:call(Client, header).

init({Url, Token}) ->
    {ok, #state{url = Url, token = Token}}.

handle_call(header, _From, #state{token = Token, sent = Sent} = State) ->
    {reply, <<"Authorization: ", Token/binary>>, State#state{sent = Sent + 1}}.

handle_cast({renew, Token}, State) ->
    {noreply, State#state{token = Token}}.
