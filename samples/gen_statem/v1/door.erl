%% A door with a code: locked until the right one is given.
-module(door).
-behaviour(gen_statem).
-vsn("1.0.0").

-export([start_link/1, enter/2]).
-export([init/1, callback_mode/0, locked/3, open/3]).

-record(data, {code, attempts = 0}).
-state_record(data).

start_link(Code) -> gen_statem:start_link(?MODULE, Code, []).

enter(Door, Code) -> gen_statem:call(Door, {enter, Code}).

init(Code) ->
    {ok, locked, #data{code = Code}}.

callback_mode() -> state_functions.

locked({call, From}, {enter, Code}, #data{code = Code} = Data) ->
    {next_state, open, Data, [{reply, From, ok}, {state_timeout, 5000, close}]};
locked({call, From}, {enter, _}, #data{attempts = Attempts} = Data) ->
    {keep_state, Data#data{attempts = Attempts + 1}, [{reply, From, wrong}]}.

open({call, From}, {enter, _}, _Data) ->
    {keep_state_and_data, [{reply, From, open}]};
open(state_timeout, close, Data) ->
    {next_state, locked, Data}.
