%% How two terms differ: in which fields of which records.
-module(migrator_verify_compare).

-export([same/2, differences/4, side/1, records_in/2]).

-export_type([difference/0, side/0]).

%% Path: steps from the field's value, or from the whole term, to where they differ.
-type difference() :: {{Record :: atom(), Field :: atom()}, [term()], Expected :: term(), Got :: term()}.
%% The records that values are taken for, by tag and size.
-type side() :: #{{migrator_verify_record:tag(), pos_integer()} => {atom(), [atom()]}}.

%% More are of no use to anyone.
-define(MOST, 30).

%% Of records with these names, tags and fields; of two that look alike the first counts.
-spec side([{atom(), migrator_verify_record:tag(), [atom()]}]) -> side().
side(Records) ->
    maps:from_list([{{Tag, length(Fields) + 1}, {Name, Fields}} || {Name, Tag, Fields} <- lists:reverse(Records)]).

%% The very same term; before OTP 27 `=:=` takes -0.0 for 0.0.
-spec same(term(), term()) -> boolean().
same(A, B) when is_atom(A); is_integer(A); is_binary(A); is_pid(A) -> A =:= B;
same(A, B) -> A =:= B andalso (term_to_binary(A) =:= term_to_binary(B) orelse signs(A, B)).

%% Of terms that are equal: whether zeros have their signs.
signs(A, B) when is_float(A) -> <<A/float>> =:= <<B/float>>;
signs([A | As], [B | Bs]) -> signs(A, B) andalso signs(As, Bs);
signs(A, B) when is_tuple(A) -> signs(tuple_to_list(A), tuple_to_list(B));
signs(A, B) when is_map(A) -> signs(lists:sort(maps:to_list(A)), lists:sort(maps:to_list(B)));
signs(A, B) -> not migrator_verify_record:is_native(A) orelse signs(migrator_verify_record:values(A), migrator_verify_record:values(B)).

%% All differences. `alike`: a container that holds the same is the same, however it was made.
-spec differences(term(), term(), side(), exact | alike) -> [difference()].
differences(Expected, Got, Side, How) ->
    case same(Expected, Got) of
        true -> [];
        false -> lists:sublist(lists:reverse(differ(Expected, Got, {none, none}, [], {Side, How}, [])), ?MOST)
    end.

differ(E, G, Place, Path, {_, How} = With, Found) ->
    case length(Found) > ?MOST orelse same(E, G) orelse (How =:= alike andalso alike(E, G)) of
        true -> Found;
        false -> inside(E, G, Place, Path, With, Found)
    end.

inside(E, G, Place, Path, {Side, _} = With, Found) when is_tuple(E), tuple_size(E) > 0, is_tuple(G), tuple_size(E) =:= tuple_size(G) ->
    Pairs = lists:zip(tuple_to_list(E), tuple_to_list(G)),
    case element(1, E) =:= element(1, G) andalso maps:get({element(1, E), tuple_size(E)}, Side, none) of
        {Name, Fields} ->
            lists:foldl(fun({Field, {A, B}}, All) -> differ(A, B, {Name, Field}, [], With, All) end, Found, lists:zip(Fields, tl(Pairs)));
        _ ->
            elements(Pairs, 1, Place, Path, element, With, Found)
    end;
inside([_ | _] = E, [_ | _] = G, Place, Path, With, Found) ->
    list(E, G, 1, Place, Path, With, Found);
inside(E, G, Place, Path, With, Found) when is_map(E), is_map(G), map_size(E) =:= map_size(G) ->
    case lists:all(fun(Key) -> is_map_key(Key, G) end, maps:keys(E)) of
        true ->
            lists:foldl(fun(Key, All) -> differ(maps:get(Key, E), maps:get(Key, G), Place, [{key, Key} | Path], With, All) end,
                        Found, lists:sort(maps:keys(E)));
        false ->
            [{Place, lists:reverse(Path), E, G} | Found]
    end;
inside(E, G, Place, Path, _, Found) when is_function(E), is_function(G) ->
    case of_source(E, G) of
        true -> Found;
        false -> [{Place, lists:reverse(Path), E, G} | Found]
    end;
inside(E, G, Place, Path, With, Found) ->
    case migrator_verify_record:is_native(E) andalso migrator_verify_record:is_native(G)
        andalso migrator_verify_record:definition(E) =:= migrator_verify_record:definition(G) of
        true -> native(E, G, Place, Path, With, Found);
        false -> [{Place, lists:reverse(Path), E, G} | Found]
    end.

%% A fun that the plan's own source made, and a compiled one that can be of the same: of these nothing more can be told.
of_source(E, G) ->
    Info = fun(Fun) -> [element(2, erlang:fun_info(Fun, What)) || What <- [type, arity, module]] end,
    case {Info(E), Info(G)} of
        {[local, Arity, erl_eval], [local, Arity, Module]} -> Module =/= erl_eval;
        _ -> false
    end.

%% Two native records of one definition.
native(E, G, Place, Path, {Side, _} = With, Found) ->
    {{_, _, _, Fields}, _} = Shape = migrator_verify_record:shape(E),
    Pairs = lists:zip3(Fields, migrator_verify_record:values(E), migrator_verify_record:values(G)),
    At = fun(Field) -> case Side of #{Shape := {Name, _}} -> {{Name, Field}, []}; _ -> {Place, [{field, Field} | Path]} end end,
    lists:foldl(fun({Field, A, B}, All) -> {In, To} = At(Field), differ(A, B, In, To, With, All) end, Found, Pairs).

elements([{A, B} | Pairs], N, Place, Path, Kind, With, Found) ->
    elements(Pairs, N + 1, Place, Path, Kind, With, differ(A, B, Place, [{Kind, N} | Path], With, Found));
elements([], _, _, _, _, _, Found) ->
    Found.

list([A | As], [B | Bs], N, Place, Path, With, Found) ->
    list(As, Bs, N + 1, Place, Path, With, differ(A, B, Place, [{item, N} | Path], With, Found));
list(A, B, N, Place, Path, With, Found) ->
    differ(A, B, Place, [{tail, N - 1} | Path], With, Found).

%% Two containers of one kind that hold the same.
alike({A, B}, {C, D}) when is_list(A), is_list(B), is_list(C), is_list(D) ->
    content(fun queue:to_list/1, {A, B}) =:= content(fun queue:to_list/1, {C, D});
alike({N, {_, _, _, _}} = A, {N, {_, _, _, _}} = B) -> content(fun gb_trees:to_list/1, A) =:= content(fun gb_trees:to_list/1, B);
alike({N, {_, _, _}} = A, {N, {_, _, _}} = B) -> content(fun gb_sets:to_list/1, A) =:= content(fun gb_sets:to_list/1, B);
alike(A, B) when is_record(A, dict, 9), is_record(B, dict, 9) ->
    content(fun(Dict) -> lists:sort(dict:to_list(Dict)) end, A) =:= content(fun(Dict) -> lists:sort(dict:to_list(Dict)) end, B);
alike(A, B) when is_record(A, set, 9), is_record(B, set, 9) ->
    content(fun(Set) -> lists:sort(sets:to_list(Set)) end, A) =:= content(fun(Set) -> lists:sort(sets:to_list(Set)) end, B);
alike(A, B) ->
    array:is_array(A) andalso array:is_array(B) andalso array:size(A) =:= array:size(B)
        andalso content(fun array:sparse_to_orddict/1, A) =:= content(fun array:sparse_to_orddict/1, B).

%% What is no such container holds itself.
content(List, Container) ->
    try List(Container) catch error:_ -> Container end.

%% All values anywhere in a term that are taken for records, with their names.
-spec records_in(term(), side()) -> [{atom(), term()}].
records_in(Term, Side) ->
    records(Term, Side, []).

records(Tuple, Side, Found) when is_tuple(Tuple), tuple_size(Tuple) > 0 ->
    case Side of
        #{{element(1, Tuple), tuple_size(Tuple)} := {Name, _}} -> records(tuple_to_list(Tuple), Side, [{Name, Tuple} | Found]);
        _ -> records(tuple_to_list(Tuple), Side, Found)
    end;
records([First | Rest], Side, Found) -> records(Rest, Side, records(First, Side, Found));
records(Map, Side, Found) when is_map(Map) -> maps:fold(fun(Key, Value, All) -> records(Value, Side, records(Key, Side, All)) end, Found, Map);
records(Other, Side, Found) ->
    case migrator_verify_record:is_native(Other) of
        true ->
            Values = migrator_verify_record:values(Other),
            case maps:get(migrator_verify_record:shape(Other), Side, none) of
                {Name, _} -> records(Values, Side, [{Name, Other} | Found]);
                none -> records(Values, Side, Found)
            end;
        false -> Found
    end.
