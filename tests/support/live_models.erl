%% What the migration of each sample must do, written by hand from its sources: no line of it is read from a plan or
%% from what was generated. A clause's pattern is the shape; a state of no clause is not of that version.
-module(live_models).
-export([up/3, down/3, told/1, own_first/1, of_new/2, refused/2]).

%% up(Sample, Version, Old): the new state.
up(changed_default, _, {state, D, I}) -> {state, D, I, 3};
up(containers, _, {state, A, D, O, T, G, S, N, Q, M, P}) ->
    I = fun item/1,
    {state, array(I, A), dict(I, D), list(fun({K, V}) -> {K, I(V)}; (X) -> X end, O), tree(I, T), ordered(I, G),
     set(I, S), set(I, N), queue(I, Q), pairs(I, fun(V) -> list(I, V) end, M), two(I, fun(V) -> list(I, V) end, P)};
up(converted_field, _, {state, W, T}) -> {state, W, T * 1000};
up(converted_one_way, _, {state, U, P}) -> {state, U, erlang:phash2(P)};
up(deep_in_untyped_field, _, {state, K, Q, C}) -> {state, deep(fun ordered_up/1, K), deep(fun ordered_up/1, Q), C};
up(default_accepted, _, {state, S}) -> {state, S, undefined};
up(default_with_call, _, {state, C}) -> {state, C, [{a, 1}, {a, 2}, {b, 1}, {b, 2}], 4};
up(dict_to_map, _, {state, N, U, T}) -> {state, N, maps:from_list(dict:to_list(U)), list_to_binary(T)};
up(drop_with_down_value, _, {state, U, _, S}) -> {state, U, S};
up(dropped_timer, _, {state, S, _}) -> {state, S};
up(empty_record, _, {state}) -> {state, 0};
up(field_added, _, {state, U, L}) -> {state, U, L, unknown};
up(field_inserted, _, {state, W, D}) -> {state, W, [], D};
up(field_removed, _, {state, P, _, H}) -> {state, P, H};
up(from_one_version, v1, {state, N, T}) -> {state, N, T * 60, 0, 0};
up(from_one_version, v2, {state, N, T, H}) -> {state, N, T, H, 0};
up(fun_in_state, _, {state, P, K}) -> {state, passing(P), K, 0};
up(gen_event, _, {state, S}) -> {state, S, 100, length(S)};
up(gen_event_own, _, {state, S}) -> {state, S, 100, 0};
up(Fsm, _, {line, N, C}) when Fsm =:= gen_fsm; Fsm =:= gen_fsm_own -> {line, N, 0, C};
up(gen_statem, _, {data, C, A}) -> {data, C, A, 3};
up(gen_statem_own, _, {data, C}) -> {data, C, undefined, 0};
up(improper_list, _, {state, E}) -> {state, list(fun entry/1, fun rest/1, E)};
up(init_as_init, _, {state, N, L}) -> {state, N, L, {[], []}};
up(init_function, _, {state, O, C}) -> {state, O, C, O + C, eur};
up(init_with_side_effect, _, {state, N, L}) -> {state, N, L, true};
up(map_with_records, _, State) -> desk(fun session/1, State);
up(moved_field, _, {state, {conf, H, {net, P}}, T, R, D}) -> {state, {conf, H, {net, P, T}, R}, D};
up(moved_field, _, {state, {conf, H, N}, _, R, D}) -> {state, {conf, H, N, R}, D};
up(moved_field, _, {state, C, _, _, D}) -> {state, C, D};
up(moved_into_new_record, _, {state, H, P, W}) -> {state, {route, H, P, false}, W, never, 0};
up(narrowed_type, _, {state, S, F}) when S =:= stuck; S =:= broken -> {state, {out_of_order, S}, F};
up(narrowed_type, _, {state, S, F}) -> {state, S, F};
up(nested_only, _, {state, N, R}) -> {state, N, list(fun reading/1, R)};
up(nested_records, _, {state, A, W, L, C}) ->
    {state, values(fun session/1, A), queue(fun session/1, W), session(L), C, 100};
up(old_default_expanded, _, {state, F, _}) -> {state, F};
up(one_of_several_records, _, {connecting, H, T}) -> {connecting, H, 443, T};
up(one_of_several_records, _, {connected, H, S}) -> {connected, H, 443, S};
up(own_code_change, _, {state, B}) -> {state, B, []};
up(own_downgrade_convert_first, _, {state, P}) -> {state, P, []};
up(own_downgrade_first, _, {state, C}) -> {state, [], C};
up(private_code_change, _, {state, C}) -> {state, C, 25};
up(quoted_names, _, {'Weather Station', T, W, _}) ->
    {'Weather Station', T, W, none, <<"später"/utf8>>, 'don\'t know'};
up(record_of_another_module, _, {state, O, L}) -> {state, list(fun ticket/1, O), L};
up(record_to_map, _, {state, U, T}) -> #{unit => U, total => T, readings => 0};
up(recursive_type, _, {state, R, S}) -> {state, node_(R), S};
up(refused_by_own, _, {state, S}) -> {state, S, 100};
up(rename_by_use, _, {state, L, F}) -> {state, [], L, F};
up(renamed_and_added, _, {state, N, U, _}) -> {state, N, U, 5000, 0};
up(renamed_field, _, {state, T, U}) -> {state, T, [], U};
up(renamed_inner_record, _, {state, I}) -> {state, list(fun guest/1, I)};
up(renamed_record, _, {state, D, P}) -> {spool, D, P};
up(reordered, _, {state, T, R}) -> {state, R, T};
up(retyped_and_kept, _, {state, L, U}) -> {state, L, U, 100};
up(rules_for_versions, v1, {probe, N, R, S, _}) -> {probe, N, R * 1000, S, 10, ms};
up(rules_for_versions, v2, {probe, N, R, S}) -> {probe, N, R, S, 10, ms};
up(several_versions, v1, {state, H, S}) -> {state, H, 587, true, S};
up(several_versions, v2, {state, H, P, S}) -> {state, H, P, true, S};
up(Special, _, {state, I, C}) when Special =:= special_process; Special =:= special_process_own -> {state, 0, I, C};
up(stale_code_change, _, {state, F, L}) -> {state, F, L, 100};
up(state_callback, _, {state, N, S}) -> {state, N, 1000, S};
up(state_in_a_wrapper, _, {{state, N, L}, C, I}) -> {{state, N, L, 0}, C, I};
up(ten_versions, V, State) -> ten(V, State);
up(third_party, _, {pool, S, I, _}) -> {pool, S, I, 0, 10};
up(third_party_rules, _, {feed, N, I, H, M, P, _}) -> {feed, N, I * 1000, H + M, P};
up(tuple_to_record, _, {N, W}) -> {clerk, N, {_, _} = queue:from_list(W), 0};
up(value_from_init, _, {state, L, U}) -> {state, L, U, {60, second}};
up(wide_record, _, State) when tuple_size(State) =:= 261, element(1, State) =:= registers ->
    erlang:append_element(erlang:insert_element(2, State, auto), 1);
up(widened_types, _, {state, N, S, L, P, E}) -> {state, N, S, L, P, E, 0};
up(Sample, _, State) when Sample =:= one_of_several_records; Sample =:= state_in_a_wrapper -> State.

%% down(Sample, Version, New): the old state.
down(changed_default, _, {state, D, I, _}) -> {state, D, I};
down(containers, _, {state, A, D, O, T, G, S, N, Q, M, P}) ->
    I = fun item_down/1,
    {state, array(I, A), dict(I, D), list(fun({K, V}) -> {K, I(V)}; (X) -> X end, O), tree(I, T), ordered(I, G),
     set(I, S), set(I, N), queue(I, Q), pairs(I, fun(V) -> list(I, V) end, M), two(I, fun(V) -> list(I, V) end, P)};
down(converted_field, _, {state, car, T}) -> {state, car, T div 60000 * 60};
down(converted_field, _, {state, W, T}) -> {state, W, T div 1000};
down(converted_one_way, _, {state, U, _}) -> {state, U, ""};
down(deep_in_untyped_field, _, {state, K, Q, C}) -> {state, deep(fun ordered_down/1, K), deep(fun ordered_down/1, Q), C};
down(default_accepted, _, {state, S, _}) -> {state, S};
down(default_with_call, _, {state, C, _, _}) -> {state, C};
down(dict_to_map, _, {state, N, U, T}) -> {state, N, dict:from_list(maps:to_list(U)), binary_to_list(T)};
down(drop_with_down_value, _, {state, U, S}) -> {state, U, <<"expired">>, S};
down(dropped_timer, _, {state, S}) -> {state, S, undefined};
down(empty_record, _, {state, _}) -> {state};
down(field_added, _, {state, U, L, _}) -> {state, U, L};
down(field_inserted, _, {state, W, _, D}) -> {state, W, D};
down(field_removed, _, {state, P, H}) -> {state, P, 0, H};
down(from_one_version, v1, {state, N, T, _, _}) -> {state, N, T div 60};
down(from_one_version, v2, {state, N, T, H, _}) -> {state, N, T, H};
down(fun_in_state, _, {state, P, K, _}) -> {state, passing(P), K};
down(gen_event, _, {state, S, _, _}) -> {state, S};
down(gen_event_own, _, {state, S, _, _}) -> {state, S};
down(Fsm, _, {line, N, _, C}) when Fsm =:= gen_fsm; Fsm =:= gen_fsm_own -> {line, N, C};
down(gen_statem, _, {data, C, A, _}) -> {data, C, A};
down(gen_statem_own, _, {data, C, _, _}) -> {data, C};
down(improper_list, _, {state, E}) -> {state, list(fun entry_down/1, fun rest_down/1, E)};
down(init_as_init, _, {state, N, L, _}) -> {state, N, L};
down(init_function, _, {state, O, C, _, _}) -> {state, O, C};
down(init_with_side_effect, _, {state, N, L, _}) -> {state, N, L};
down(map_with_records, _, State) -> desk(fun session_down/1, State);
down(moved_field, _, {state, {conf, H, {net, P, T}, R}, D}) -> {state, {conf, H, {net, P}}, T, R, D};
down(moved_field, _, {state, {conf, H, N, R}, D}) -> {state, {conf, H, N}, 5000, R, D};
down(moved_field, _, {state, C, D}) -> {state, C, 5000, 3, D};
down(moved_into_new_record, _, {state, {route, H, P, _}, W, _, _}) -> {state, H, P, W};
down(moved_into_new_record, _, {state, _, W, _, _}) -> {state, "localhost", 25, W};
down(narrowed_type, _, {state, {out_of_order, stuck}, F}) -> {state, stuck, F};
down(narrowed_type, _, {state, {out_of_order, _}, F}) -> {state, broken, F};
down(narrowed_type, _, {state, S, F}) -> {state, S, F};
down(nested_only, _, {state, N, R}) -> {state, N, list(fun reading_down/1, R)};
down(nested_records, _, {state, A, W, L, C, _}) ->
    {state, values(fun session_down/1, A), queue(fun session_down/1, W), session_down(L), C};
down(old_default_expanded, _, {state, F}) -> {state, F, {limits, 1048576, [png]}};
down(one_of_several_records, _, {connecting, H, _, T}) -> {connecting, H, T};
down(one_of_several_records, _, {connected, H, _, S}) -> {connected, H, S};
down(own_code_change, _, {state, B, _}) -> {state, B};
down(own_downgrade_convert_first, _, {state, P, _}) -> {state, P};
down(own_downgrade_first, _, {state, _, C}) -> {state, C};
down(private_code_change, _, {state, C, _}) -> {state, C};
down(quoted_names, _, {'Weather Station', T, W, _, _, _}) -> {'Weather Station', T, W, 'not yet'};
down(record_of_another_module, _, {state, O, L}) -> {state, list(fun ticket_down/1, O), L};
down(record_to_map, _, #{unit := U, total := T, readings := _}) -> {state, U, T};
down(recursive_type, _, {state, R, S}) -> {state, node_down(R), S};
down(refused_by_own, _, {state, S, _}) -> {state, S};
down(rename_by_use, _, {state, _, L, F}) -> {state, L, F};
down(renamed_and_added, _, {state, N, U, _, _}) -> {state, N, U, []};
down(renamed_field, _, {state, T, _, U}) -> {state, T, U};
down(renamed_inner_record, _, {state, I}) -> {state, list(fun patron/1, I)};
down(renamed_record, _, {spool, D, P}) -> {state, D, P};
down(reordered, _, {state, R, T}) -> {state, T, R};
down(retyped_and_kept, _, {state, L, U, _}) -> {state, L, U};
down(rules_for_versions, v1, {probe, N, R, S, _, _}) -> {probe, N, R div 1000, S, none};
down(rules_for_versions, v2, {probe, N, R, S, _, _}) -> {probe, N, R, S};
down(several_versions, v1, {state, H, _, _, S}) -> {state, H, S};
down(several_versions, v2, {state, H, P, _, S}) -> {state, H, P, S};
down(Special, _, {state, _, I, C}) when Special =:= special_process; Special =:= special_process_own -> {state, I, C};
down(stale_code_change, _, {state, F, L, _}) -> {state, F, L};
down(state_callback, _, {state, N, _, S}) -> {state, N, S};
down(state_in_a_wrapper, _, {{state, N, L, _}, C, I}) -> {{state, N, L}, C, I};
down(ten_versions, V, {state, N, O, H, M, S, _, _}) -> ten_down(V, N, O, H, M, S);
down(third_party, _, {pool, S, I, _, _}) -> {pool, S, I, fifo};
down(third_party_rules, _, {feed, N, I, T, P}) -> {feed, N, I div 1000, T, 0, P, <<"renew">>};
down(tuple_to_record, _, {clerk, N, W, _}) -> {N, queue:to_list(W)};
down(value_from_init, _, {state, L, U, _}) -> {state, L, U};
down(wide_record, _, State) when tuple_size(State) =:= 263, element(1, State) =:= registers ->
    erlang:delete_element(2, erlang:delete_element(263, State));
down(widened_types, _, {state, N, S, L, P, E, _}) -> {state, N, S, L, P, E};
down(Sample, _, State) when Sample =:= one_of_several_records; Sample =:= state_in_a_wrapper -> State.

%% What tells an old state from a new one of the same shape: the records inside it, or OldVsn alone.
told(Sample) when Sample =:= containers; Sample =:= deep_in_untyped_field; Sample =:= improper_list;
        Sample =:= map_with_records; Sample =:= nested_only; Sample =:= record_of_another_module;
        Sample =:= recursive_type; Sample =:= renamed_inner_record; Sample =:= one_of_several_records;
        Sample =:= state_in_a_wrapper -> inside;
told(_) -> vsn.

%% Whether the module's own function treats its state as the new record on a downgrade (contract, section 5).
own_first(Sample) -> lists:member(Sample, [gen_fsm_own, own_downgrade_first, private_code_change, special_process_own]).

%% Whether something is a new state: `shape` where its tag and size say so.
of_new(record_to_map, #{unit := _, total := _, readings := _}) -> true;
of_new(record_to_map, _) -> false;
of_new(Sample, _) when Sample =:= map_with_records; Sample =:= state_in_a_wrapper -> true;
of_new(_, _) -> shape.

%% The tuple that speaks for a state, where it is not the state itself; `nothing` where no state is refused by its size.
refused(map_with_records, #{last := Last}) -> Last;
refused(map_with_records, _) -> nothing;
refused(state_in_a_wrapper, {State, _, _}) -> State;
refused(state_in_a_wrapper, _) -> nothing;
refused(tuple_to_record, _) -> nothing;
refused(_, State) -> State.

%% The records inside.
item({item, N}) -> {item, N, 1};
item(X) -> X.
item_down({item, N, _}) -> {item, N};
item_down(X) -> X.
entry({entry, T}) -> {entry, T, nobody};
entry(X) -> X.
entry_down({entry, T, _}) -> {entry, T};
entry_down(X) -> X.
rest({rest, C}) -> {rest, C, 0};
rest(X) -> X.
rest_down({rest, C, _}) -> {rest, C};
rest_down(X) -> X.
session({session, U, A}) -> {session, U, A, 0};
session(X) -> X.
session_down({session, U, A, _}) -> {session, U, A};
session_down(X) -> X.
reading({reading, A, V}) -> {reading, A, V, watt};
reading(X) -> X.
reading_down({reading, A, V, _}) -> {reading, A, V};
reading_down(X) -> X.
ticket({ticket, N, U}) -> {ticket, N, normal, U};
ticket(X) -> X.
ticket_down({ticket, N, _, O}) -> {ticket, N, O};
ticket_down(X) -> X.
guest({guest, N, D}) -> {patron, N, 0, D};
guest(X) -> X.
patron({patron, N, _, D}) -> {guest, N, D};
patron(X) -> X.
node_({node, L, B}) -> {node, L, none, list(fun node_/1, B)};
node_(X) -> X.
node_down({node, L, _, B}) -> {node, L, list(fun node_down/1, B)};
node_down(X) -> X.
passing(P) when is_function(P) -> fun filter:default/1;
passing(P) -> P.
ordered_up({item, N, P}) -> {found, [item, N, P], [0]};
ordered_up({order, I, T}) -> {found, [order, I, T], [false]};
ordered_up(_) -> none.
ordered_down({item, N, P, _}) -> {found, [item, N, P], []};
ordered_down({order, N, I, _}) -> {found, [order, N, I], []};
ordered_down(_) -> none.

%% Everywhere in a term.
deep(F, Term) ->
    case F(Term) of
        {found, Kept, Added} -> list_to_tuple([deep(F, Each) || Each <- Kept] ++ Added);
        none when is_tuple(Term) -> list_to_tuple([deep(F, Each) || Each <- tuple_to_list(Term)]);
        none when is_map(Term) -> maps:from_list([{deep(F, K), deep(F, V)} || {K, V} <- maps:to_list(Term)]);
        none when is_list(Term) -> list(fun(E) -> deep(F, E) end, fun(E) -> deep(F, E) end, Term);
        none -> Term
    end.

%% The containers; what is none of that kind stays as it is.
list(F, List) -> list(F, fun(X) -> X end, List).
list(F, Tail, [X | Xs]) -> [F(X) | list(F, Tail, Xs)];
list(_, _, []) -> [];
list(_, Tail, X) -> Tail(X).
values(F, Map) when is_map(Map) -> maps:map(fun(_, V) -> F(V) end, Map);
values(_, X) -> X.
pairs(F, G, Map) when is_map(Map) -> maps:from_list([{F(K), G(V)} || {K, V} <- maps:to_list(Map)]);
pairs(_, _, X) -> X.
two(F, G, {A, B}) -> {F(A), G(B)};
two(_, _, X) -> X.
queue(F, {_, _} = Q) ->
    case queue:is_queue(Q) of true -> anew(F, Q, queue:to_list(Q), fun queue:from_list/1); false -> Q end;
queue(_, X) -> X.

%% Made anew where something in it changes.
anew(F, Container, Elements, Make) ->
    case [F(Each) || Each <- Elements] of
        Elements -> Container;
        Changed -> Make(Changed)
    end.
array(F, A) -> case array:is_array(A) of true -> array:sparse_map(fun(_, V) -> F(V) end, A); false -> A end.
dict(F, D) when element(1, D) =:= dict -> dict:map(fun(_, V) -> F(V) end, D);
dict(_, X) -> X.
tree(F, {N, {_, _, _, _}} = T) when is_integer(N) -> gb_trees:map(fun(_, V) -> F(V) end, T);
tree(_, X) -> X.
ordered(F, {N, {_, _, _}} = S) when is_integer(N) -> anew(F, S, gb_sets:to_list(S), fun gb_sets:from_list/1);
ordered(_, X) -> X.
set(F, S) when element(1, S) =:= set -> anew(F, S, sets:to_list(S), fun(Es) -> sets:from_list(Es, [{version, 1}]) end);
set(F, S) when is_map(S) -> maps:from_list([{F(K), V} || {K, V} <- maps:to_list(S)]);
set(_, X) -> X.

desk(F, #{} = Desk) ->
    One = case Desk of #{sessions := S} -> Desk#{sessions := list(F, S)}; _ -> Desk end,
    case One of #{last := L} -> One#{last := F(L)}; _ -> One end;
desk(_, X) -> X.

ten(v01, {state, N, _}) -> {state, N, nobody, 0, 0, 0, 100, active};
ten(v02, {state, N, _, O}) -> {state, N, O, 0, 0, 0, 100, active};
ten(v03, {state, O, N, _}) -> {state, N, O, 0, 0, 0, 100, active};
ten(v04, {state, O, N, H, _}) -> {state, N, O, H, 0, 0, 100, active};
ten(v05, {state, N, H, _}) -> {state, N, nobody, H, 0, 0, 100, active};
ten(v06, {state, N, _, H, M}) -> {state, N, nobody, H, M, 0, 100, active};
ten(v07, {state, _, N, H, M}) -> {state, N, nobody, H, M, 0, 100, active};
ten(v08, {state, N, _, H, M, S}) -> {state, N, nobody, H, M, S, 100, active};
ten(v09, {state, N, _, H, M, S, O}) -> {state, N, O, H, M, S, 100, active}.

ten_down(v01, N, _, _, _, _) -> {state, N, []};
ten_down(v02, N, O, _, _, _) -> {state, N, [], O};
ten_down(v03, N, O, _, _, _) -> {state, O, N, []};
ten_down(v04, N, O, H, _, _) -> {state, O, N, H, []};
ten_down(v05, N, _, H, _, _) -> {state, N, H, []};
ten_down(v06, N, _, H, M, _) -> {state, N, [], H, M};
ten_down(v07, N, _, H, M, _) -> {state, [], N, H, M};
ten_down(v08, N, _, H, M, S) -> {state, N, [], H, M, S};
ten_down(v09, N, O, H, M, S) -> {state, N, [], H, M, S, O}.
