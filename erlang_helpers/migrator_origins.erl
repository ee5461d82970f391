%% What a value may be, as far as the code around it tells: a set of origins. An origin `is` the value, or the one `holds`
%% the other somewhere inside (which of them the other is not told).
%%
%%     {field, Record, Field}   what that field had
%%     {param, {F, A}, I}       what the function got as its I-th argument
%%     {call, M, F, A, Element} what that call gave; Element is the element of the tuple that it gave, or 0
%%     {record, Name}           such a record, made here
%%     {tuple, [Origins]}       a tuple, element by element
%%     plain                    a number, an atom, a text, nothing that could hold anything
%%     unknown
-module(migrator_origins).

-export([is/1, plain/0, old_state/0, unknown/0, union/1, union/2, inside/1, element/2, element/3, held/1, made/2, gives/5, marked/2, fields_and_params/1, substitute/3]).

-export_type([origins/0]).

-type origin() :: {field, atom(), atom()} | {param, {atom(), arity()}, pos_integer()} | {call, module(), atom(), arity(), non_neg_integer()}
                | {record, atom()} | {tuple, [origins()]} | plain | unknown.
-type origins() :: ordsets:ordset({is | holds, origin()}).

%% Of more nothing is learnt.
-define(MOST, 24).
-define(DEEPEST_TUPLE, 3).

%% What they give is made of what they get.
-define(CONTAINERS, [lists, maps, dict, orddict, gb_trees, gb_sets, sets, ordsets, queue, array, proplists]).
%% But for these functions of theirs.
-define(COUNTS, [size, length, len, member, is_member, is_key, is_element, is_empty, is_defined, is_subset, is_disjoint,
                 any, all, sum, seq, flatlength, foreach, prefix, suffix]).

is(Origin) -> [{is, Origin}].
plain() -> is(plain).
%% The old state, which code_change finds in its Extra: written like a field, of no record that one can write.
old_state() -> is({field, '-old_state-', '-old_state-'}).
unknown() -> is(unknown).

-spec union(origins(), origins()) -> origins().
union(Some, Some) -> Some;
union(Some, Others) ->
    case ordsets:union(Some, Others) of
        All when length(All) > ?MOST -> ordsets:add_element({is, unknown}, lists:sublist(All, ?MOST));
        All -> All
    end.

union(Sets) -> lists:foldl(fun union/2, [], Sets).

%% What may lie in a value of these origins.
inside(Origins) -> union([part(Origin) || Origin <- Origins]).

part({is, plain}) -> plain();
part({is, {tuple, Columns}}) -> union(Columns);
part({is, {record, _}}) -> unknown();
part({is, unknown}) -> unknown();
part({_, Origin}) -> [{holds, Origin}].

%% The I-th element of a tuple of Size that such a value is.
element(I, Size, Origins) ->
    union([case Origin of
        {is, {tuple, Columns}} when length(Columns) =:= Size -> lists:nth(I, Columns);
        {is, {tuple, _}} -> [];
        {is, {call, M, F, A, 0}} -> is({call, M, F, A, I});
        {is, {call, _, _, _, _} = Part} -> is(Part);
        _ -> part(Origin)
    end || Origin <- Origins]).

%% The I-th element of a tuple whose size nobody says.
element(I, Origins) ->
    union([case Origin of
        {is, {tuple, Columns}} when I =< length(Columns) -> lists:nth(I, Columns);
        {is, {call, _, _, _, _}} -> element(I, I, [Origin]);
        _ -> part(Origin)
    end || Origin <- Origins]).

%% What a container with such a value in it is.
held(Origins) -> union([hold(Origin) || Origin <- Origins]).

hold({_, plain}) -> plain();
hold({_, unknown}) -> unknown();
hold({_, {tuple, Columns}}) -> held(union(Columns));
hold({_, Origin}) -> [{holds, Origin}].

%% A tuple of these.
made(tuple, Columns) ->
    case depth(Columns) < ?DEEPEST_TUPLE andalso length(Columns) < 16 of
        true -> is({tuple, Columns});
        false -> held(union(Columns))
    end;
made(container, Columns) ->
    held(union([plain() | Columns])).

depth(Columns) -> lists:max([0 | [1 + depth(Inner) || Column <- Columns, {is, {tuple, Inner}} <- Column]]).

%% What a call gives. Args have the origins of the arguments, Made those of what funs among them give.
gives(erlang, hd, 1, [List], _) -> inside(List);
gives(erlang, tl, 1, [List], _) -> List;
gives(erlang, Name, 2, Args, _) when Name =:= max; Name =:= min; Name =:= '++'; Name =:= '--' -> union(Args);
gives(erlang, Name, _, Args, _) when Name =:= setelement; Name =:= append_element; Name =:= list_to_tuple; Name =:= tuple_to_list ->
    held(union(Args));
gives(Module, Name, Arity, Args, Made) ->
    Call = is({call, Module, Name, Arity, 0}),
    case lists:member(Module, ?CONTAINERS) andalso not lists:member(Name, ?COUNTS) of
        true -> union(Call, held(union(Args ++ Made)));
        false -> Call
    end.

%% Those of a value that a container function hands to a fun.
marked(Module, Args) ->
    case lists:member(Module, ?CONTAINERS) of
        true -> union(unknown(), held(union(Args)));
        false -> unknown()
    end.

%% Those that lead to a field, or may once a caller is known; a tuple's parts among them.
fields_and_params(Origins) ->
    lists:usort(lists:append([leads(Origin) || Origin <- Origins])).

leads({_, {field, _, _}} = Origin) -> [Origin];
leads({_, {param, _, _}} = Origin) -> [Origin];
leads({_, {tuple, Columns}}) -> fields_and_params(held(union(Columns)));
leads(_) -> [].

%% The same seen by a caller of Function that gave it Args.
substitute(Origins, Function, Args) ->
    union([case Origin of
        {is, {param, Function, I}} -> lists:nth(I, Args);
        {holds, {param, Function, I}} -> held(lists:nth(I, Args));
        {is, {tuple, Columns}} -> is({tuple, [substitute(Column, Function, Args) || Column <- Columns]});
        _ -> [Origin]
    end || Origin <- Origins]).
