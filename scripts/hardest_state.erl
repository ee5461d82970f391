%% Records of a beam, built as its own code would build them.
-module(hardest_state).
-export([load/2, built/3]).

load(Module, Beam) ->
    code:purge(Module),
    {module, Module} = code:load_binary(Module, "hardest", Beam),
    ok.

%% The record with its defaults, and with these fields set; a default that needs the running system is a mark.
built(Beam, Record, Fields) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(Beam, [abstract_code]),
    Records = [{attribute, 1, record, {Name, [bare(F) || F <- Fs]}} || {attribute, _, record, {Name, Fs}} <- Forms],
    Set = [{record_field, 1, {atom, 1, F}, erl_parse:abstract(V)} || {F, V} <- maps:to_list(Fields), can_stand(V)],
    {ok, Module, Code} = compile:forms(
        [{attribute, 1, module, hardest_built}, {attribute, 1, export, [{state, 0}]}] ++ Records ++
            [{function, 1, state, 0, [{clause, 1, [], [], [{record, 1, Record, Set}]}]}, {eof, 2}]
    ),
    load(Module, Code),
    Names = [Name || {attribute, _, record, {R, Fs}} <- Records, R =:= Record, {record_field, _, {atom, _, Name}, _} <- Fs],
    State = tl(tuple_to_list(Module:state())),
    list_to_tuple([Record | [maps:get(Name, Fields, Value) || {Name, Value} <- lists:zip(Names, State)]]).

%% What cannot stand in code, a process say, is set afterwards.
can_stand(Value) ->
    try erl_parse:abstract(Value) of _ -> true
    catch error:_ -> false
    end.

bare({typed_record_field, Field, _}) -> bare(Field);
bare({record_field, _, Name}) -> {record_field, 1, Name, {atom, 1, undefined}};
bare({record_field, _, Name, Default}) -> {record_field, 1, Name, Default}.
