%% A journal: entries, newest first, and behind the last one how many were forgotten.
-module(journal).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(entry, {text :: string(), author = nobody :: atom()}).
-record(rest, {count = 0 :: non_neg_integer(), until = 0 :: integer()}).
-record(state, {entries = #rest{} :: maybe_improper_list(#entry{}, #rest{})}).
-state_record(state).

start_link(Argument) -> gen_server:start_link(?MODULE, Argument, []).

init([]) -> {ok, #state{}}.

handle_call({write, Text}, _From, #state{entries = Entries} = State) ->
    {reply, ok, State#state{entries = [#entry{text = Text} | Entries]}}.

handle_cast(_Request, State) ->
    {noreply, State}.
