%% The same conversion as that of `kept`, in the ways that it is measured against. One server for all of them: OldVsn says
%% which way, and what the state holds.
-module(ways).
-behaviour(gen_server).

-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-record(item, {id, title, count = 0, since = 0}).
-record(state, {list = [], map = #{}, tree = nil, rows, seen = 0}).

init(Make) ->
    {ok, Make()}.

handle_call(_Request, _From, State) ->
    {reply, ok, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

code_change(by_hand, {state, List, Map, Tree, Table}, _Extra) ->
    {ok, #state{list = list(List), map = map(Map), tree = tree(Tree), rows = Table}};
code_change(fold, State, _Extra) ->
    {ok, New} = fold(state, State),
    #state{list = List, map = Map, tree = Tree} = New,
    {ok, New#state{list = folded_list(List), map = folded_map(Map), tree = folded_tree(Tree)}};
code_change(generic, State, _Extra) ->
    {ok, #state{list = List, map = Map, tree = Tree} = New} = generic(state, State),
    {ok, New#state{list = generic_list(List), map = generic_map(Map), tree = generic_tree(Tree)}}.

%% --- by hand: what a good programmer writes, who knows that every item is an old one. Of the ways to write each of them
%% this is the fastest that was found. ---

list([{item, Id, Name, Count} | Items]) ->
    [#item{id = Id, title = Name, count = Count} | list(Items)];
list([]) ->
    [].

map(Map) ->
    maps:map(fun(_, {item, Id, Name, Count}) -> #item{id = Id, title = Name, count = Count} end, Map).

tree({Left, {item, Id, Name, Count}, Right}) ->
    {tree(Left), #item{id = Id, title = Name, count = Count}, tree(Right)};
tree(nil) ->
    nil.

%% --- fold over positions: names and positions are known at run time only, and each record is built field by field ---

fold(Record, Old) ->
    {Size, Sources} = sources(Record),
    Names = old_names(Record),
    {ok, lists:foldl(
           fun({Position, {old, Name}}, New) -> setelement(Position, New, element(position(Name, Names, 2), Old));
              ({Position, {value, Value}}, New) -> setelement(Position, New, Value)
           end,
           erlang:make_tuple(Size, undefined, [{1, Record}]),
           Sources)}.

folded(Old) ->
    {ok, New} = fold(item, Old),
    New.

folded_list(List) -> [folded(Item) || Item <- List].
folded_map(Map) -> maps:map(fun(_, Item) -> folded(Item) end, Map).
folded_tree({Left, Item, Right}) -> {folded_tree(Left), folded(Item), folded_tree(Right)};
folded_tree(nil) -> nil.

position(Name, [Name | _], Position) -> Position;
position(Name, [_ | Names], Position) -> position(Name, Names, Position + 1).

%% --- a converter that is handed to lists:map: the record as pairs of names and values, and out of them the new one ---

generic(Record, Old) ->
    Pairs = lists:zip(old_names(Record), tl(tuple_to_list(Old))),
    {_, Sources} = sources(Record),
    {ok, list_to_tuple([Record | lists:map(fun({_, {old, Name}}) -> proplists:get_value(Name, Pairs);
                                              ({_, {value, Value}}) -> Value
                                           end, Sources)])}.

converted(Old) ->
    {ok, New} = generic(item, Old),
    New.

generic_list(List) -> lists:map(fun converted/1, List).
generic_map(Map) -> maps:from_list(lists:map(fun({Key, Item}) -> {Key, converted(Item)} end, maps:to_list(Map))).
generic_tree({_, _, _} = Tree) ->
    list_to_tuple(lists:map(fun(Item) when element(1, Item) =:= item -> converted(Item); (Inner) -> generic_tree(Inner) end,
                            tuple_to_list(Tree)));
generic_tree(nil) ->
    nil.

%% --- what both know of the two versions ---

old_names(state) -> [list, map, tree, table];
old_names(item) -> [id, name, count].

sources(state) -> {6, [{2, {old, list}}, {3, {old, map}}, {4, {old, tree}}, {5, {old, table}}, {6, {value, 0}}]};
sources(item) -> {5, [{2, {old, id}}, {3, {old, name}}, {4, {old, count}}, {5, {value, 0}}]}.
