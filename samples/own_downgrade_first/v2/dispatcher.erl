%% Sends calls to the drivers of a taxi company, urgent ones first.
-module(dispatcher).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/0, call/2, urgent/2]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(state, {urgent = [], calls = []}).
-state_record(state).

start_link() -> gen_server:start_link(?MODULE, [], []).

call(Dispatcher, Address) -> gen_server:call(Dispatcher, {call, Address}).

urgent(Dispatcher, Address) -> gen_server:call(Dispatcher, {urgent, Address}).

init([]) ->
    {ok, #state{}}.

handle_call({call, Address}, _From, #state{calls = Calls} = State) ->
    {reply, ok, State#state{calls = Calls ++ [Address]}};
handle_call({urgent, Address}, _From, #state{urgent = Urgent} = State) ->
    {reply, ok, State#state{urgent = Urgent ++ [Address]}};
handle_call(next, _From, #state{urgent = [Address | Urgent]} = State) ->
    {reply, Address, State#state{urgent = Urgent}};
handle_call(next, _From, #state{calls = [Address | Calls]} = State) ->
    {reply, Address, State#state{calls = Calls}}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% 1.0.0 knows no urgent calls: they come before the others.
code_change({down, _Vsn}, #state{urgent = Urgent, calls = Calls} = State, _Extra) ->
    {ok, State#state{urgent = [], calls = Urgent ++ Calls}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.
