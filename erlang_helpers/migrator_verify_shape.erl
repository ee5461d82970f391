%% Shapes: whether a value has one, the simplest value of one, and how loose one is. A shape is what a type says of a value; README.md lists them.
-module(migrator_verify_shape).

-export([grammar/1, accepts/3, simplest/2, ends/2, is_loose/2, resolved/2, field/3, record/2, unknown/1]).

-export_type([shape/0, named/0]).

-type shape() :: term().
%% Shapes by name, how deep the simplest value of each is (an atom where it has no end), and the shapes of records by theirs.
-type named() :: #{shapes := #{binary() => shape()}, depths := #{binary() => non_neg_integer() | endless}, records := #{atom() => shape()}}.

%% Root and named shapes of what was sent.
-spec grammar({shape(), [{binary(), shape()}]}) -> {shape(), named()}.
grammar({Root, List}) ->
    Shapes = maps:from_list(List),
    Records = [{Name, Shape} || {record, Name, _, _} = Shape <- lists:reverse([Root | [Shape || {_, Shape} <- List]])],
    {Root, #{shapes => Shapes, depths => depths(Shapes, maps:map(fun(_, _) -> endless end, Shapes)), records => maps:from_list(Records)}}.

depths(Shapes, Depths) ->
    case maps:map(fun(_, Shape) -> depth(Shape, Depths) end, Shapes) of
        Depths -> Depths;
        Nearer -> depths(Shapes, Nearer)
    end.

%% What the name stands for.
-spec resolved(shape(), named()) -> shape().
resolved({again, Name}, #{shapes := Shapes} = Named) -> resolved(maps:get(Name, Shapes, any), Named);
resolved(Shape, _) -> Shape.

%% The shape of a record that is named so.
-spec record(atom(), {shape(), named()}) -> shape() | none.
record(Name, {_, #{records := Records}}) ->
    maps:get(Name, Records, none).

%% The shape of a record's field, `any` where it is not known.
-spec field(atom(), atom(), {shape(), named()}) -> shape().
field(Record, Field, Grammar) ->
    case record(Record, Grammar) of
        {record, _, _, Fields} -> proplists:get_value(Field, Fields, any);
        none -> any
    end.

%% --- whether a value has it ---

-spec accepts(shape(), term(), named()) -> boolean().
accepts(any, _, _) -> true;
accepts(none, _, _) -> false;
accepts({literal, Literal}, Value, _) -> Value =:= Literal;
accepts({range, Low, High}, Value, _) -> is_integer(Value) andalso (Low =:= none orelse Value >= Low) andalso (High =:= none orelse Value =< High);
accepts({basic, Name}, Value, _) -> basic(Name, Value);
accepts({union, Shapes}, Value, Named) -> lists:any(fun(Shape) -> accepts(Shape, Value, Named) end, Shapes);
accepts({tuple, Shapes}, Value, Named) -> is_tuple(Value) andalso all(Shapes, tuple_to_list(Value), Named);
accepts({record, _, Tag, Fields}, Value, Named) ->
    migrator_verify_record:is(Value, Tag, length(Fields) + 1)
        andalso all([Shape || {_, Shape} <- Fields], migrator_verify_record:values(Value), Named);
accepts({list, _, _, empty}, [], _) -> true;
accepts({list, Element, Tail, _}, [First | Rest], Named) -> accepts(Element, First, Named) andalso rest(Element, Tail, Rest, Named);
accepts({list, _, _, _}, _, _) -> false;
accepts({map, Associations}, Value, Named) -> is_map(Value) andalso is_of(Associations, Value, Named);
accepts({bits, Base, Unit}, Value, _) ->
    is_bitstring(Value) andalso bit_size(Value) >= Base
        andalso (case Unit of 0 -> bit_size(Value) =:= Base; _ -> (bit_size(Value) - Base) rem Unit =:= 0 end);
accepts({'fun', any, _}, Value, _) -> is_function(Value);
accepts({'fun', Arity, _}, Value, _) -> is_function(Value, Arity);
accepts({container, Kind, Key, Value}, Container, Named) -> holds(Kind, Key, Value, Container, Named);
accepts({opaque, Shape}, Value, Named) -> accepts(Shape, Value, Named);
accepts({again, _} = Again, Value, Named) -> accepts(resolved(Again, Named), Value, Named);
%% Of a kind that we do not know.
accepts(_, _, _) -> true.

all([Shape | Shapes], [Value | Values], Named) -> accepts(Shape, Value, Named) andalso all(Shapes, Values, Named);
all(Shapes, Values, _) -> Shapes =:= Values.

rest(Element, Tail, [First | Rest] = All, Named) ->
    accepts(Element, First, Named) andalso rest(Element, Tail, Rest, Named)
        %% A tail may be a list itself.
        orelse Tail =/= {basic, nil} andalso accepts(Tail, All, Named);
rest(_, Tail, Rest, Named) -> (Rest =:= [] andalso Tail =:= {basic, nil}) orelse accepts(Tail, Rest, Named).

basic(atom, Value) -> is_atom(Value);
basic(float, Value) -> is_float(Value);
basic(integer, Value) -> is_integer(Value);
basic(nil, Value) -> Value =:= [];
basic(pid, Value) -> is_pid(Value);
basic(port, Value) -> is_port(Value);
basic(reference, Value) -> is_reference(Value);
basic(tuple, Value) -> is_tuple(Value);
basic(map, Value) -> is_map(Value);
basic(binary, Value) -> is_binary(Value);
basic(iolist, Value) ->
    try is_list(Value) andalso iolist_size(Value) >= 0 catch error:badarg -> false end;
%% As their types have it, which admit more than is made.
basic(date, {Year, Month, Day}) ->
    is_integer(Year) andalso Year >= 0 andalso is_integer(Month) andalso Month >= 1 andalso Month =< 12 andalso is_integer(Day) andalso Day >= 1 andalso Day =< 31;
basic(date1970, {Year, _, _} = Date) -> basic(date, Date) andalso Year >= 1970;
basic(Date, _) when Date =:= date; Date =:= date1970 -> false;
basic(text, Value) -> is_binary(Value);
basic(pattern, Value) -> is_tuple(Value) andalso tuple_size(Value) =:= 5 andalso element(1, Value) =:= re_pattern;
basic(generator, Value) -> is_tuple(Value) andalso tuple_size(Value) =:= 2 andalso is_map(element(1, Value));
basic(_, _) -> true.

%% Each pair is of the first association that takes its key, and what must be there is.
is_of(Associations, Map, Named) ->
    Pairs = maps:to_list(Map),
    lists:all(fun({Key, Value}) ->
                      lists:any(fun({KeyShape, ValueShape, _}) -> accepts(KeyShape, Key, Named) andalso accepts(ValueShape, Value, Named) end,
                                Associations)
              end, Pairs)
        andalso lists:all(fun({{literal, Key}, _, required}) -> is_map_key(Key, Map);
                             ({Shape, _, required}) -> lists:any(fun({Key, _}) -> accepts(Shape, Key, Named) end, Pairs);
                             (_) -> true
                          end, Associations).

holds(Kind, Key, Value, Container, Named) ->
    try elements(Kind, Container) of
        Elements ->
            lists:all(fun({pair, A, B}) -> accepts(Key, A, Named) andalso accepts(Value, B, Named);
                         ({single, A}) -> accepts(Value, A, Named)
                      end, Elements)
    catch
        error:_ -> false
    end.

elements(dict, Dict) when element(1, Dict) =:= dict -> pairs(dict:to_list(Dict));
elements(gb_tree, {Size, _} = Tree) when is_integer(Size) -> pairs(gb_trees:to_list(Tree));
elements(orddict, List) when is_list(List) -> pairs(List);
elements(array, Array) -> true = array:is_array(Array), singles(array:sparse_to_list(Array));
elements(gb_set, {Size, _} = Set) when is_integer(Size) -> singles(gb_sets:to_list(Set));
elements(set, Set) -> true = sets:is_set(Set), singles(sets:to_list(Set));
elements(queue, Queue) -> true = queue:is_queue(Queue), singles(queue:to_list(Queue));
elements(ordset, List) when is_list(List) -> singles(List).

pairs(List) -> [{pair, Key, Value} || {Key, Value} <- List].

singles(List) -> [{single, Value} || Value <- List].

%% --- the simplest value ---

%% Whether there is a value of that shape, and one that ends.
-spec ends(shape(), named()) -> boolean().
ends(Shape, #{depths := Depths}) ->
    depth(Shape, Depths) =/= endless.

-spec simplest(shape(), named()) -> term().
simplest(Shape, #{depths := Depths} = Named) ->
    case depth(Shape, Depths) of
        %% A type without a value, or with none that ends.
        endless -> undefined;
        _ -> simple(Shape, Named)
    end.

simple({literal, Literal}, _) -> Literal;
simple({range, Low, _}, _) when is_integer(Low), Low > 0 -> Low;
simple({range, _, High}, _) when is_integer(High), High < 0 -> High;
simple({range, _, _}, _) -> 0;
simple({basic, Name}, _) -> simple_basic(Name);
simple({union, Shapes}, #{depths := Depths} = Named) ->
    Numbered = lists:zip3([depth(Shape, Depths) || Shape <- Shapes], lists:seq(1, length(Shapes)), Shapes),
    {_, _, Shape} = lists:min(Numbered),
    simple(Shape, Named);
simple({tuple, Shapes}, Named) -> list_to_tuple([simple(Shape, Named) || Shape <- Shapes]);
simple({record, _, Tag, Fields}, Named) -> migrator_verify_record:made(Tag, [simple(Shape, Named) || {_, Shape} <- Fields]);
simple({list, _, _, empty}, _) -> [];
simple({list, Element, Tail, _}, Named) -> [simple(Element, Named) | simple(Tail, Named)];
simple({map, Associations}, Named) -> maps:from_list([{simple(Key, Named), simple(Value, Named)} || {Key, Value, required} <- Associations]);
simple({bits, Base, _}, _) -> <<0:Base>>;
simple({'fun', any, _}, _) -> fun erlang:node/0;
simple({'fun', Arity, _}, _) -> erlang:make_fun(erlang, node, Arity);
simple({container, Kind, _, _}, _) -> migrator_verify_make:container(Kind, []);
simple({opaque, Shape}, Named) -> simple(Shape, Named);
simple({again, _} = Again, Named) -> simple(resolved(Again, Named), Named);
simple(_, _) -> undefined.

%% An atom is more than any number.
depth(none, _) -> endless;
depth({again, Name}, Depths) -> maps:get(Name, Depths, 0);
depth({opaque, Shape}, Depths) -> depth(Shape, Depths);
depth({union, Shapes}, Depths) -> lists:min([endless | [depth(Shape, Depths) || Shape <- Shapes]]);
depth({tuple, Shapes}, Depths) -> deeper(Shapes, Depths);
depth({record, _, _, Fields}, Depths) -> deeper([Shape || {_, Shape} <- Fields], Depths);
depth({list, Element, Tail, nonempty}, Depths) -> deeper([Element, Tail], Depths);
depth({map, Associations}, Depths) -> deeper(lists:append([[Key, Value] || {Key, Value, required} <- Associations]), Depths);
depth(_, _) -> 0.

deeper(Shapes, Depths) ->
    case lists:max([0 | [depth(Shape, Depths) || Shape <- Shapes]]) of
        endless -> endless;
        Depth -> Depth + 1
    end.

simple_basic(float) -> 1.0;
simple_basic(integer) -> 0;
simple_basic(nil) -> [];
simple_basic(iolist) -> [];
simple_basic(pid) -> self();
simple_basic(port) -> erlang:list_to_port("#Port<0.1>");
simple_basic(reference) -> erlang:list_to_ref("#Ref<0.0.0.3>");
simple_basic(tuple) -> {};
simple_basic(map) -> #{};
simple_basic(binary) -> <<>>;
simple_basic(Date) when Date =:= date; Date =:= date1970 -> {1970, 1, 1};
simple_basic(text) -> <<>>;
simple_basic(pattern) -> {ok, Pattern} = re:compile(""), Pattern;
simple_basic(generator) -> rand:seed_s(exsss, 0);
simple_basic(_) -> undefined.

%% --- looseness ---

%% Whether any term may stand somewhere in it.
-spec is_loose(shape(), named()) -> boolean().
is_loose(Shape, Named) ->
    loose([Shape], Named, #{}).

%% Each name is looked into once.
loose([], _, _) -> false;
loose([{again, Name} | Shapes], Named, Seen) when is_map_key(Name, Seen) -> loose(Shapes, Named, Seen);
loose([{again, Name} = Again | Shapes], Named, Seen) -> loose([resolved(Again, Named) | Shapes], Named, Seen#{Name => []});
loose([Shape | Shapes], Named, Seen) ->
    case Shape =:= any orelse Shape =:= {basic, tuple} orelse Shape =:= {basic, map} orelse is_sealed(Shape, Named) of
        true -> true;
        false -> loose(parts(Shape) ++ Shapes, Named, Seen)
    end.

%% Whether only the type's own module knows how to make such a value: one that only has its shape is not what functions take.
is_sealed({opaque, Shape}, Named) -> is_composed(resolved(Shape, Named), Named);
is_sealed(_, _) -> false.

is_composed({union, Shapes}, Named) -> lists:any(fun(Shape) -> is_composed(resolved(Shape, Named), Named) end, Shapes);
is_composed({opaque, Shape}, Named) -> is_composed(resolved(Shape, Named), Named);
is_composed(Shape, _) -> lists:member(element(1, Shape), [tuple, record, map, list, container]).

parts({record, _, _, Fields}) -> [Shape || {_, Shape} <- Fields];
parts({map, Associations}) -> lists:append([[Key, Value] || {Key, Value, _} <- Associations]);
parts({list, Element, Tail, _}) -> [Element, Tail];
parts({container, Kind, _, Value}) when Kind =/= dict, Kind =/= gb_tree, Kind =/= orddict -> [Value];
parts({container, _, Key, Value}) -> [Key, Value];
parts({Kind, Shapes}) when Kind =:= union; Kind =:= tuple -> Shapes;
parts({opaque, Shape}) -> [Shape];
parts(_) -> [].

%% The shapes in a grammar that we do not know.
-spec unknown({shape(), named()}) -> [shape()].
unknown({Root, #{shapes := Shapes}}) ->
    lists:usort(lists:append([strange(Shape) || Shape <- [Root | maps:values(Shapes)]])).

strange(Shape) when Shape =:= any; Shape =:= none -> [];
strange({union, Shapes}) -> lists:append([strange(Shape) || Shape <- Shapes]);
strange({tuple, Shapes}) -> lists:append([strange(Shape) || Shape <- Shapes]);
strange({record, _, _, Fields}) -> lists:append([strange(Shape) || {_, Shape} <- Fields]);
strange({list, Element, Tail, _}) -> strange(Element) ++ strange(Tail);
strange({map, Associations}) -> lists:append([strange(Key) ++ strange(Value) || {Key, Value, _} <- Associations]);
strange({container, _, Key, Value}) -> strange(Key) ++ strange(Value);
strange({opaque, Shape}) -> strange(Shape);
strange({basic, Name}) ->
    [{basic, Name} || not lists:member(Name, [atom, float, integer, nil, pid, port, reference, tuple, map, binary, iolist,
                                              date, date1970, text, pattern, generator])];
strange({Kind, _}) when Kind =:= literal; Kind =:= again -> [];
strange({Kind, _, _}) when Kind =:= range; Kind =:= bits; Kind =:= 'fun' -> [];
strange(Shape) -> [Shape].
