%% Which record a module seems to keep as its state, for modules that do not say so.
-module(migrator_candidates).

-export([candidates/4]).

%% {Record, Why, Line}, the surest first, each record once. What init/1 returns is sure; next comes what most
%% callbacks take for their state.
-spec candidates(module(), [atom()], [{atom(), arity()}], [term()]) -> [{atom(), binary(), non_neg_integer()}].
candidates(Module, Behaviours, Exports, Forms) ->
    Functions = migrator_flow:functions(Forms),
    case kinds(Behaviours, Exports) of
        [] ->
            [];
        Kinds ->
            Imports = migrator_expr:imports(Forms),
            Returned = [Found || Kind <- Kinds, Found <- returned(Kind, Module, Imports, Functions)],
            Taken = lists:append([taken(Kind, Module, Imports, Functions, Exports) || Kind <- Kinds]),
            distinct(Returned ++ by_frequency(Taken))
    end.

%% The behaviours whose processes keep a state; for any other the functions that it exports tell the kind.
kinds(Behaviours, Exports) ->
    case [Kind || Kind <- [gen_server, gen_event, gen_statem, gen_fsm], lists:member(Kind, Behaviours)] of
        [] ->
            [Kind || {Callback, Kind} <- [{{code_change, 3}, gen_server}, {{code_change, 4}, gen_statem},
                                          {{system_code_change, 4}, special}],
                     lists:member(Callback, Exports)];
        Known ->
            Known
    end.

%% Where {ok, …} of init/1 holds the state.
state_in_init(gen_server) -> 2;
state_in_init(gen_event) -> 2;
state_in_init(gen_statem) -> 3;
state_in_init(gen_fsm) -> 3;
state_in_init(special) -> none.

%% {F, A, StateArgument}; `any` for the functions named after states.
callbacks(gen_server) ->
    [{handle_call, 3, 3}, {handle_cast, 2, 2}, {handle_info, 2, 2}, {handle_continue, 2, 2}, {terminate, 2, 2},
     {code_change, 3, 2}];
callbacks(gen_event) ->
    [{handle_event, 2, 2}, {handle_call, 2, 2}, {handle_info, 2, 2}, {terminate, 2, 2}, {code_change, 3, 2}];
callbacks(gen_statem) ->
    [{handle_event, 4, 4}, {terminate, 3, 3}, {code_change, 4, 3}, {any, 3, 3}];
callbacks(gen_fsm) ->
    [{handle_event, 3, 3}, {handle_sync_event, 4, 4}, {handle_info, 3, 3}, {terminate, 3, 3}, {code_change, 4, 3},
     {any, 2, 2}, {any, 3, 3}];
callbacks(special) ->
    [{system_continue, 3, 3}, {system_terminate, 4, 4}, {system_code_change, 4, 1}].

returned(Kind, Module, Imports, Functions) ->
    case {state_in_init(Kind), Functions} of
        {Position, #{{init, 1} := _}} when is_integer(Position) ->
            Flow = migrator_flow:new(all, Module, Imports, Functions),
            {Values, _} = migrator_flow:function({init, 1}, [[]], Flow),
            [{Record, <<"init/1 returns it">>, Line}
             || {Line, Record} <- lists:sort([{Line, Record} || {tuple, [[{atom, ok}] | _] = Columns} <- Values,
                                                                length(Columns) >= Position,
                                                                {record, Record, Line} <- lists:nth(Position, Columns)])];
        _ ->
            []
    end.

taken(Kind, Module, Imports, Functions, Exports) ->
    %% Not its parts: a record inside of the state is not the state.
    Flow = migrator_flow:new(state, Module, Imports, Functions),
    Callbacks = [Found || Callback <- callbacks(Kind), Found <- named(Callback, Exports), is_map_key(defined(Found), Functions)],
    [{Record, {F, A}, Line}
     || {F, A, Position} <- lists:usort(Callbacks),
        {Record, Line} <- first_uses(migrator_flow:function({F, A}, state_at(Position, A), Flow))].

defined({F, A, _}) -> {F, A}.

%% init/1 and its kin are no states; nor is what the behaviour itself calls by that arity.
named({any, Arity, Position}, Exports) ->
    [{Name, Arity, Position} || {Name, A} <- Exports, A =:= Arity,
                                not lists:member(Name, [code_change, terminate, start_link, start, handle_event, format_status])];
named(Callback, _) ->
    [Callback].

state_at(Position, Arity) ->
    [case I of Position -> [state]; _ -> [] end || I <- lists:seq(1, Arity)].

%% Each record once per callback.
first_uses({_, Facts}) ->
    lists:foldr(fun({use, Record, _, Line}, Acc) -> lists:keystore(Record, 1, Acc, {Record, Line});
                   (_, Acc) -> Acc
                end, [], Facts).

by_frequency(Taken) ->
    Counts = lists:foldl(fun({Record, _, _}, Acc) -> maps:update_with(Record, fun(N) -> N + 1 end, 1, Acc) end, #{}, Taken),
    Firsts = lists:foldr(fun({Record, Callback, Line}, Acc) -> Acc#{Record => {Callback, Line}} end, #{}, Taken),
    Ordered = lists:sort([{-Count, Record} || {Record, Count} <- maps:to_list(Counts)]),
    [begin
        {{F, A}, Line} = maps:get(Record, Firsts),
        {Record, migrator_text:text(io_lib:format("~tw/~w takes it for its state", [F, A])), Line}
     end || {_, Record} <- Ordered].

distinct([{Record, _, _} = Found | Rest]) ->
    [Found | distinct([Other || {Name, _, _} = Other <- Rest, Name =/= Record])];
distinct([]) ->
    [].
