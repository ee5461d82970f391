%% Keeps what passes, and counts the rest.
-module(filter).
-behaviour(gen_server).
-vsn("1.1.0").

-export([start_link/0, put/2, kept/1, default/1]).
-export([init/1, handle_call/3, handle_cast/2]).
-export([pass_up/1, pass_down/1]).

-record(state, {pass, kept = [], refused = 0}).
-state_record(state).
-state_migration([{convert, pass, pass_up, pass_down}]).

start_link() -> gen_server:start_link(?MODULE, [], []).

put(Filter, Item) -> gen_server:cast(Filter, {put, Item}).

kept(Filter) -> gen_server:call(Filter, kept).

init([]) ->
    {ok, #state{pass = fun ?MODULE:default/1}}.

handle_call(kept, _From, State) ->
    {reply, State#state.kept, State}.

handle_cast({put, Item}, #state{pass = Pass, kept = Kept, refused = Refused} = State) ->
    case Pass(Item) of
        true -> {noreply, State#state{kept = [Item | Kept]}};
        false -> {noreply, State#state{refused = Refused + 1}}
    end.

default(Item) -> Item =/= none.

pass_up(Value) -> if is_function(Value) -> fun filter:default/1; true -> Value end.
pass_down(Value) -> if is_function(Value) -> fun filter:default/1; true -> Value end.
