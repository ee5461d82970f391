%% Hands documents to a printer, one after the other.
-module(spooler).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, print/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {documents = [], printed = 0}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

print(Spooler, Document) -> gen_server:call(Spooler, {print, Document}).

init([]) ->
    {ok, #state{}}.

handle_call({print, Document}, _From, #state{documents = Documents} = State) ->
    {reply, length(Documents) + 1, State#state{documents = Documents ++ [Document]}}.

handle_cast(printed, #state{documents = [_ | Documents], printed = Printed} = State) ->
    {noreply, State#state{documents = Documents, printed = Printed + 1}}.
