%% What an upgrade needs to know of a beam: what its module is to OTP, and which other modules its code calls or names.
%% All of it comes from the chunks that a stripped beam has too. Nothing is loaded.
-module(migrator_upgrade).

-export([facts/1]).

-define(NAMERS, [erlang, proc_lib, timer, rpc, erpc, gen_server, gen_statem, gen_fsm, gen_event, gen, supervisor, sys]).
-define(BREAKS, [label, call, call_last, call_only, call_fun, call_fun2, apply, apply_last]).

%% The README has the keys.
-spec facts(binary()) -> [{atom(), term()}].
facts(Beam) ->
    #{module := Module, plain := Plain, attr := Attributes, md5 := Md5} = Opened = migrator_beam:chunks_only(Beam),
    {Literals, Code} = code(Plain),
    Calls = imports(Plain) ++ [Fun || {'fun', Fun} <- Literals],
    Named = [Name || {named, Name} <- Literals ++ Code],
    [{module, Module},
     {md5, Md5},
     {attributes, [{Name, Value} || {Name, Value} <- Attributes, told(Name)]},
     {exports, migrator_beam:exports(Opened)},
     {calls, [Call || {Other, _, _} = Call <- lists:usort(Calls), Other =/= Module]},
     {named, [Name || {Other, _, _} = Name <- lists:usort(Named), Other =/= Module]}].

told(Name) ->
    lists:member(Name, [behaviour, behavior, state_record, state_type, state_callback, state_migrated]).

imports(Plain) ->
    case beam_lib:chunks(Plain, [imports]) of
        {ok, {_, [{imports, Imports}]}} -> Imports;
        {error, beam_lib, _} -> []
    end.

%% A beam that this OTP's disassembler does not know still has its imports.
code(Plain) ->
    try beam_disasm:file(Plain) of
        {beam_file, _, _, _, _, Functions} ->
            Operations = [Operation || {function, _, _, _, Body} <- Functions, Operation <- Body],
            {lists:flatmap(fun literals/1, Operations), operations(Operations)};
        {error, _, _} ->
            {[], []}
    catch
        _:_ -> {[], []}
    end.

%% --- what literals name ---

literals({literal, Term}) -> in_term(Term);
literals(Operation) when is_tuple(Operation) -> literals(tuple_to_list(Operation));
literals([Operand | Operands]) -> literals(Operand) ++ literals(Operands);
literals(_) -> [].

%% {M, F, Args}, {M, F, Arity}, `fun M:F/A`, and the modules that a child specification names.
in_term(Fun) when is_function(Fun) ->
    case erlang:fun_info(Fun, type) of
        {type, external} ->
            [{'fun', {info(module, Fun), info(name, Fun), info(arity, Fun)}}];
        _ -> []
    end;
in_term({M, F, A}) when is_atom(M), is_atom(F), is_list(A) orelse is_integer(A) ->
    [{named, {M, F, arity(A)}} | in_term(A)];
in_term({_, {_, _, _} = Start, _, _, _, Modules}) ->
    modules(Modules) ++ in_term(Start);
in_term(Tuple) when is_tuple(Tuple) ->
    lists:flatmap(fun in_term/1, tuple_to_list(Tuple));
in_term([Head | Tail]) ->
    in_term(Head) ++ in_term(Tail);
in_term(#{start := _, modules := Modules} = Map) ->
    modules(Modules) ++ in_term(maps:to_list(maps:remove(modules, Map)));
in_term(Map) when is_map(Map) ->
    in_term(maps:to_list(Map));
in_term(_) ->
    [].

info(Key, Fun) ->
    {Key, Value} = erlang:fun_info(Fun, Key),
    Value.

arity(Arity) when is_integer(Arity), Arity >= 0, Arity < 256 -> Arity;
arity(Arguments) when is_list(Arguments) ->
    try length(Arguments) catch error:badarg -> unknown end;
arity(_) -> unknown.

modules(Modules) when is_list(Modules) ->
    [{named, {M, none, unknown}} || M <- proper(Modules), is_atom(M)];
modules(_) ->
    [].

proper([Head | Tail]) -> [Head | proper(Tail)];
proper(_) -> [].

%% --- what code names ---

%% A tuple {M, F, X} that is built, and atoms given to functions that take a module's name.
operations(Operations) ->
    operations(Operations, #{}).

operations([{put_tuple2, _, {list, [{atom, M}, {atom, F}, Third]}} | Rest], Moved) ->
    [{named, {M, F, third(Third)}} || may_be_arguments(Third)] ++ operations(Rest, Moved);
operations([{move, {atom, Atom}, {x, X}} | Rest], Moved) ->
    operations(Rest, Moved#{X => Atom});
operations([{move, _, {x, X}} | Rest], Moved) ->
    operations(Rest, maps:remove(X, Moved));
operations([{Call, Arity, {extfunc, Namer, _, _}} | Rest], Moved) when Call =:= call_ext; Call =:= call_ext_only ->
    given(Namer, Arity, Moved) ++ operations(Rest, #{});
operations([{call_ext_last, Arity, {extfunc, Namer, _, _}, _} | Rest], Moved) ->
    given(Namer, Arity, Moved) ++ operations(Rest, #{});
operations([Operation | Rest], Moved) ->
    %% Registers mean something else behind a label or a call.
    case is_tuple(Operation) andalso lists:member(element(1, Operation), ?BREAKS) of
        true -> operations(Rest, #{});
        false -> operations(Rest, Moved)
    end;
operations([], _) ->
    [].

third({literal, Term}) -> arity(Term);
third({integer, Arity}) -> arity(Arity);
third(nil) -> 0;
third(_) -> unknown.

may_be_arguments({atom, _}) -> false;
may_be_arguments({float, _}) -> false;
may_be_arguments({literal, Term}) -> is_list(Term);
may_be_arguments(_) -> true.

given(Namer, Arity, Moved) ->
    case lists:member(Namer, ?NAMERS) of
        true ->
            [{named, {M, maps:get(X + 1, Moved, none), unknown}} || {X, M} <- lists:sort(maps:to_list(Moved)), X < Arity];
        false ->
            []
    end.
