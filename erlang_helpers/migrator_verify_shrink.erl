%% The smallest state that is still wrong in the same way: smaller values of the same shape are tried, the simplest first, for a second at most.
-module(migrator_verify_shrink).

-export([smallest/3]).

-define(MILLISECONDS, 1000).
-define(MOST, 600).
%% Of a long list or a large map that many elements are looked at one by one.
-define(ELEMENTS, 10).

%% Holds says whether a state is wrong in that way. Of a state that has not the shape, parts are taken as they are.
-spec smallest(term(), {migrator_verify_shape:shape(), migrator_verify_shape:named()}, fun((term()) -> boolean())) -> term().
smallest(State, {Root, Named}, Holds) ->
    Shape = case migrator_verify_shape:accepts(Root, State, Named) of true -> Root; false -> any end,
    shrunk(State, Shape, Named, Holds, {erlang:monotonic_time(millisecond) + ?MILLISECONDS, ?MOST}).

shrunk(State, Shape, Named, Holds, Limits) ->
    Weight = weight(State),
    case first(smaller(Shape, State, Named), fun(Each) -> weight(Each) < Weight andalso Holds(Each) end, Limits) of
        {Next, Left} -> shrunk(Next, Shape, Named, Holds, Left);
        none -> State
    end.

first([State | States], Holds, {Until, Left}) when Left > 0 ->
    case erlang:monotonic_time(millisecond) < Until of
        true ->
            case Holds(State) of
                true -> {State, {Until, Left - 1}};
                false -> first(States, Holds, {Until, Left - 1})
            end;
        false -> none
    end;
first(_, _, _) ->
    none.

%% Values of the shape that may be smaller, those first that most would go with.
smaller(Shape, Value, Named) ->
    Fitting = fitting(Shape, Value, Named),
    Own = [migrator_verify_shape:simplest(Fitting, Named) || Fitting =/= any] ++ plain(Value),
    [Each || Each <- Own, migrator_verify_shape:accepts(Shape, Each, Named)] ++ inside(Fitting, Value, Named).

%% The member of a union that the value is of.
fitting({again, _} = Again, Value, Named) ->
    fitting(migrator_verify_shape:resolved(Again, Named), Value, Named);
fitting({union, Shapes}, Value, Named) ->
    case [Shape || Shape <- Shapes, migrator_verify_shape:accepts(Shape, Value, Named)] of
        [Shape | _] -> fitting(Shape, Value, Named);
        [] -> any
    end;
fitting(Shape, _, _) ->
    Shape.

plain(Integer) when is_integer(Integer) -> [0, Integer div 2];
plain(Float) when is_float(Float) -> [0.0, 1.0];
plain([_]) -> [undefined, []];
plain([_ | _] = List) -> [undefined, [] | cut(List)];
plain(Bits) when is_bitstring(Bits) ->
    Half = bit_size(Bits) div 16 * 8,
    <<Part:Half/bitstring, _/bitstring>> = Bits,
    [undefined, <<>>, Part];
plain(Map) when is_map(Map) -> [undefined, #{} | [maps:remove(Key, Map) || Key <- lists:sublist(maps:keys(Map), ?ELEMENTS)]];
plain(_) -> [undefined, []].

%% Halves, and the list without one element.
cut(List) ->
    case try length(List) of _ -> true catch error:badarg -> false end of
        true ->
            Half = length(List) div 2,
            [lists:sublist(List, Half), lists:nthtail(Half, List)
             | [lists:sublist(List, N - 1) ++ lists:nthtail(N, List) || N <- lists:seq(1, min(length(List), ?ELEMENTS))]];
        false -> [tl(List), hd(List)]
    end.

%% With one part of it smaller.
inside({record, _, Tag, Fields}, Value, Named) ->
    case migrator_verify_record:is(Value, Tag, length(Fields) + 1) of
        true -> fields([Shape || {_, Shape} <- Fields], Value, Named);
        false -> []
    end;
inside({tuple, Shapes}, Tuple, Named) when tuple_size(Tuple) =:= length(Shapes) ->
    parts(Shapes, Tuple, 1, Named);
inside({list, Element, _, _}, [_ | _] = List, Named) ->
    elements(Element, List, Named);
inside({map, Associations}, Map, Named) when is_map(Map) ->
    values(fun(Key) -> case lists:keyfind({literal, Key}, 1, Associations) of {_, Shape, _} -> Shape; false -> other(Associations, Key, Named) end end,
           Map, Named);
inside(any, Tuple, Named) when is_tuple(Tuple), tuple_size(Tuple) > 0 ->
    %% A tag says what the rest is.
    First = case element(1, Tuple) of Tag when is_atom(Tag) -> 2; _ -> 1 end,
    parts(lists:duplicate(tuple_size(Tuple), any), Tuple, First, Named);
inside(any, [_ | _] = List, Named) -> elements(any, List, Named);
inside(any, Map, Named) when is_map(Map) -> values(fun(_) -> any end, Map, Named);
inside(any, Other, Named) ->
    case migrator_verify_record:is_native(Other) of
        true -> fields([any || _ <- migrator_verify_record:values(Other)], Other, Named);
        false -> []
    end;
inside(_, _, _) -> [].

fields(Shapes, Record, Named) ->
    Values = migrator_verify_record:values(Record),
    [migrator_verify_record:with_value(N, Record, Value)
     || {N, Shape, Old} <- lists:zip3(lists:seq(1, length(Values)), Shapes, Values), Value <- smaller(Shape, Old, Named)].

parts(Shapes, Tuple, From, Named) ->
    [setelement(N, Tuple, Value) || {N, Shape} <- lists:zip(lists:seq(1, length(Shapes)), Shapes), N >= From,
                                    Value <- smaller(Shape, element(N, Tuple), Named)].

elements(Element, List, Named) ->
    elements(Element, List, [], ?ELEMENTS, Named).

elements(Element, [First | Rest], Before, Left, Named) when Left > 0 ->
    [lists:reverse(Before, [Value | Rest]) || Value <- smaller(Element, First, Named)]
        ++ elements(Element, Rest, [First | Before], Left - 1, Named);
elements(_, _, _, _, _) ->
    [].

other(Associations, Key, Named) ->
    case [Shape || {KeyShape, Shape, _} <- Associations, migrator_verify_shape:accepts(KeyShape, Key, Named)] of
        [Shape | _] -> Shape;
        [] -> any
    end.

values(Shape, Map, Named) ->
    [Map#{Key := Value} || {Key, Old} <- lists:sublist(lists:sort(maps:to_list(Map)), ?ELEMENTS), Value <- smaller(Shape(Key), Old, Named)].

%% What a person has to read.
weight(undefined) -> 1;
weight(Atom) when is_atom(Atom) -> 2;
weight(0) -> 1;
weight(Integer) when is_integer(Integer) -> 2 + length(integer_to_list(abs(Integer)));
weight(Float) when is_float(Float) -> 4 + length(float_to_list(Float, [short]));
weight([]) -> 1;
weight([First | Rest]) when is_list(Rest) -> 1 + weight(First) + weight(Rest);
weight([First | Rest]) -> 3 + weight(First) + weight(Rest);
weight(Tuple) when is_tuple(Tuple) -> 1 + lists:sum([weight(Each) || Each <- tuple_to_list(Tuple)]);
weight(Map) when is_map(Map) -> 2 + lists:sum([weight(Key) + weight(Value) || {Key, Value} <- maps:to_list(Map)]);
weight(Bits) when is_bitstring(Bits) -> 1 + bit_size(Bits);
weight(Other) ->
    case migrator_verify_record:is_native(Other) of
        true -> 3 + lists:sum([weight(Value) || Value <- migrator_verify_record:values(Other)]);
        false -> 8
    end.
