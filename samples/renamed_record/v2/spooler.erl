%% Hands documents to a printer, one after the other.
-module(spooler).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, print/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(spool, {documents = [], printed = 0}).
-state_record(spool).

start_link() -> gen_server:start_link(?MODULE, [], []).

print(Spooler, Document) -> gen_server:call(Spooler, {print, Document}).

init([]) ->
    {ok, #spool{}}.

handle_call({print, Document}, _From, #spool{documents = Documents} = Spool) ->
    {reply, length(Documents) + 1, Spool#spool{documents = Documents ++ [Document]}}.

handle_cast(printed, #spool{documents = [_ | Documents], printed = Printed} = Spool) ->
    {noreply, Spool#spool{documents = Documents, printed = Printed + 1}}.
