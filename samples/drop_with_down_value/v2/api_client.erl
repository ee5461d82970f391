%% Talks to a service with a token that the caller brings each time.
-module(api_client).
-behaviour(gen_server).
-vsn("1.5.0").

-export([start_link/1, header/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {url, sent = 0}).
-state_record(state).
-state_migration([{drop, token, <<"expired">>}]).

start_link(Url) -> gen_server:start_link(?MODULE, Url, []).

header(Client, Token) -> gen_server:call(Client, {header, Token}).

init(Url) ->
    {ok, #state{url = Url}}.

handle_call({header, Token}, _From, #state{sent = Sent} = State) ->
    {reply, <<"Authorization: ", Token/binary>>, State#state{sent = Sent + 1}}.

handle_cast(_Request, State) ->
    {noreply, State}.
