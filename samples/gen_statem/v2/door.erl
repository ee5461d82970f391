%% A door with a code: locked until the right one is given.
-module(door).
-behaviour(gen_statem).
-vsn("2.0.0").

-export([start_link/1, enter/2]).
-export([init/1, callback_mode/0, locked/3, open/3]).

-record(data, {code, failures = 0, limit = 3}).
-state_record(data).
-state_migration([{rename, attempts, failures}]).

start_link(Code) -> gen_statem:start_link(?MODULE, Code, []).

enter(Door, Code) -> gen_statem:call(Door, {enter, Code}).

init(Code) ->
    {ok, locked, #data{code = Code}}.

callback_mode() -> state_functions.

locked({call, From}, {enter, _}, #data{failures = Limit, limit = Limit}) ->
    {keep_state_and_data, [{reply, From, blocked}]};
locked({call, From}, {enter, Code}, #data{code = Code} = Data) ->
    {next_state, open, Data#data{failures = 0}, [{reply, From, ok}, {state_timeout, 5000, close}]};
locked({call, From}, {enter, _}, #data{failures = Failures} = Data) ->
    {keep_state, Data#data{failures = Failures + 1}, [{reply, From, wrong}]}.

open({call, From}, {enter, _}, _Data) ->
    {keep_state_and_data, [{reply, From, open}]};
open(state_timeout, close, Data) ->
    {next_state, locked, Data}.
