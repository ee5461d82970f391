%% A telephone line, as it was written before there was a gen_statem.
-module(phone).
-behaviour(gen_fsm).
-vsn("1.0.0").
-compile(nowarn_deprecated_function).

-export([start_link/1, ring/2, answer/1]).
-export([init/1, idle/3, ringing/3, handle_event/3, handle_sync_event/4]).

-record(line, {number, caller}).
-state_record(line).

start_link(Number) -> gen_fsm:start_link(?MODULE, Number, []).

ring(Phone, From) -> gen_fsm:sync_send_event(Phone, {ring, From}).

answer(Phone) -> gen_fsm:sync_send_event(Phone, answer).

init(Number) ->
    {ok, idle, #line{number = Number}}.

idle({ring, From}, _, Line) ->
    {reply, ok, ringing, Line#line{caller = From}}.

ringing(answer, _, Line) ->
    {reply, Line#line.caller, idle, Line#line{caller = undefined}}.

handle_event(_Event, StateName, Line) ->
    {next_state, StateName, Line}.

handle_sync_event(_Event, _From, StateName, Line) ->
    {reply, ok, StateName, Line}.
