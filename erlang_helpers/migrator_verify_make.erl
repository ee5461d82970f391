%% Makes values of shapes, of the kinds that break things: empty and large ones, improper lists, odd keys, numbers at their bounds, funs, pids, references.
%% They hang on the process's random numbers alone (rand:seed/2), but for pids, ports and references.
-module(migrator_verify_make).

-export([value/3, atoms/1, tagged/3, estranged/2, container/2]).

-export_type([with/0]).

%% `atoms`: those that are used; no record's tag is among them, so that no tuple looks like one that changed. `sought`: for a record's field, the records that are looked
%% for wherever they lie in it. `seek`: their shapes, where a value of such a field is made. `turn`: the number of the state.
%% `natives`: whether any term may be a native record.
-define(WIDE, 25).
%% Unions in unions, by name.
-define(UNIONS, 4).

-type with() :: #{named := migrator_verify_shape:named(), atoms := tuple(), sought := #{{atom(), atom()} => [term()]}, seek := [term()], turn := non_neg_integer(), natives := boolean()}.

%% A value of about that size: the number of elements in it, at most some dozens more.
-spec value(migrator_verify_shape:shape(), integer(), with()) -> term().
value(any, Size, With) -> any(Size, With);
value({range, Low, High}, _, _) -> integer(Low, High);
value({basic, Name}, Size, With) -> basic(Name, Size, With);
value({tuple, Shapes}, Size, With) -> list_to_tuple(values(Shapes, Size, With));
value({record, Name, Tag, Fields}, Size, With) ->
    Part = part(Size, Fields),
    migrator_verify_record:made(Tag, [field(Name, Field, Shape, Part, length(Fields), With) || {Field, Shape} <- Fields]);
value({union, [_ | _] = Shapes}, Size, With) when Size > 0 ->
    value(one_of(Shapes), Size, With);
value({list, Element, Tail, Emptiness}, Size, With) when Size > 0 ->
    case length_of(Size) of
        0 when Emptiness =:= empty -> [];
        0 -> list(Element, Tail, 1, Size, With);
        Length -> list(Element, Tail, Length, Size, With)
    end;
value({map, Associations}, Size, With) when Size > 0 -> map(Associations, Size, With);
value({bits, Base, 0}, _, _) -> bits(Base);
value({bits, Base, Unit}, Size, _) -> bits(Base + Unit * one_of([0, 1, 2, 3, max(Size, 0)]));
value({'fun', Arity, Result}, Size, With) -> function(Arity, value(Result, Size div 4, With));
value({container, Kind, Key, Value}, Size, With) when Size > 0 ->
    Part = Size div 2,
    container(Kind, [{value(Key, Part div 2, With), value(Value, Part, With)} || _ <- lists:seq(1, length_of(min(Size, 8)))]);
value({opaque, Shape}, Size, With) -> value(Shape, Size, With);
value({again, _} = Again, Size, #{named := Named} = With) when Size > 0 ->
    value(migrator_verify_shape:resolved(Again, Named), Size - 1, With);
value(Shape, _, #{named := Named, turn := 0}) ->
    migrator_verify_shape:simplest(Shape, Named);
value(Shape, _, With) ->
    small(Shape, ?UNIONS, With).

%% The simplest of one of a union's kinds: most values of a wide or deep state are small, and shall not all be of the same kind.
small(Shape, Unions, #{named := Named} = With) ->
    case migrator_verify_shape:resolved(Shape, Named) of
        {union, [_ | _] = Shapes} when Unions > 0 ->
            One = one_of(Shapes),
            case migrator_verify_shape:ends(One, Named) of
                true -> small(One, Unions - 1, With);
                false -> migrator_verify_shape:simplest(Shape, Named)
            end;
        Other ->
            migrator_verify_shape:simplest(Other, Named)
    end.

%% In a wide record most fields are small, each time others.
field(Name, Field, Shape, Size, Width, #{sought := Sought} = With) ->
    Given = case Width =< ?WIDE orelse rand:uniform(Width) =< ?WIDE of true -> Size; false -> 0 end,
    case Sought of
        #{{Name, Field} := Seek} -> value(Shape, Given, With#{seek := Seek});
        _ -> value(Shape, Given, With#{seek := []})
    end.

values(Shapes, Size, With) ->
    Part = part(Size, Shapes),
    [value(Shape, Part, With) || Shape <- Shapes].

%% What each of these may have of it; that of many parts there is little for each shall not make all of them the simplest.
part(Size, Parts) ->
    max(Size * 2 div max(length(Parts), 3), min(Size - 1, 2)).

one_of(List) ->
    lists:nth(rand:uniform(length(List)), List).

%% --- of numbers ---

-define(NUMBERS, [0, 1, -1, 2, 3, 7, 100, 255, 256, 1000, 65536, 1 bsl 59, 1 bsl 60, 1 bsl 64, -(1 bsl 64), 123456789012345678901234567890]).

integer(none, none) ->
    case rand:uniform(2) of
        1 -> one_of(?NUMBERS);
        2 -> rand:uniform(20000) - 10000
    end;
integer(Low, none) -> Low + abs(integer(none, none));
%% Of a string: no half of a pair, which is none of Unicode's.
integer(0, 16#10FFFF) ->
    case rand:uniform(8) of
        1 -> 0;
        2 -> 16#10FFFF;
        3 -> character();
        _ -> 31 + rand:uniform(95)
    end;
integer(none, High) -> High - abs(integer(none, none));
integer(Low, High) ->
    case rand:uniform(4) of
        1 -> Low;
        2 -> High;
        _ -> Low + rand:uniform(High - Low + 1) - 1
    end.

float() ->
    case rand:uniform(3) of
        1 -> one_of([0.0, -0.0, 1.0, -1.0, 0.1, 1.0e308, -1.0e308, 5.0e-324, 4.0]);
        _ -> rand:uniform() * 1000
    end.

%% --- of the basic kinds ---

-define(ATOMS, [undefined, true, false, ok, '', infinity, nil, none, null, a, b, 'an atom', 'Ä', 'no@where']).

basic(atom, _, With) -> atom(With);
basic(float, _, _) -> float();
basic(integer, _, _) -> integer(none, none);
basic(nil, _, _) -> [];
basic(pid, _, _) -> one_of([self(), list_to_pid("<0.0.0>"), list_to_pid("<0.4321.0>")]);
basic(port, _, _) -> one_of([erlang:list_to_port("#Port<0.1>"), erlang:list_to_port("#Port<0.99999>")]);
basic(reference, _, _) -> one_of([make_ref(), erlang:list_to_ref("#Ref<0.0.0.3>")]);
basic(tuple, Size, With) -> tuple(Size, With);
basic(map, Size, With) -> map([{any, any, optional}], Size, With);
basic(binary, Size, _) -> bits(8 * max(0, Size));
basic(iolist, Size, _) -> iolist(Size);
basic(date, _, _) -> date(one_of([0, 1, 1900, 1970, 2000, 2023, 2024, 9999, rand:uniform(9999)]));
basic(date1970, _, _) -> date(one_of([1970, 2000, 2023, 2024, 9999, 1969 + rand:uniform(8030)]));
basic(text, Size, _) -> unicode:characters_to_binary(characters(Size));
basic(pattern, Size, _) -> {ok, Pattern} = re:compile(one_of(["", "a", "^(a|b)+$", [$a + max(0, Size) rem 26]])), Pattern;
basic(generator, _, _) -> rand:seed_s(one_of([exsss, exrop]), rand:uniform(1000));
basic(_, Size, With) -> any(Size, With).

%% One that there is: the last of its month, often.
date(Year) ->
    Month = one_of([1, 2, 2, 12, rand:uniform(12)]),
    Last = calendar:last_day_of_the_month(Year, Month),
    {Year, Month, one_of([1, Last, rand:uniform(Last)])}.

characters(Size) ->
    [one_of([$a, $ , 0, $é, 16#20AC, 16#1F600, character()]) || _ <- lists:seq(1, length_of(max(0, Size)))].

character() ->
    case rand:uniform(16#110000) - 1 of
        Half when Half >= 16#D800, Half =< 16#DFFF -> character();
        Character -> Character
    end.

atom(#{atoms := Atoms}) ->
    element(rand:uniform(tuple_size(Atoms)), Atoms).

%% Those that are not taken.
-spec atoms(#{atom() => []}) -> tuple().
atoms(Taken) ->
    list_to_tuple([Atom || Atom <- ?ATOMS, not is_map_key(Atom, Taken)]).

bits(Length) ->
    case rand:uniform(3) of
        1 -> <<0:Length>>;
        _ -> <<(rand:uniform(1 bsl min(Length, 48)) - 1):Length>>
    end.

iolist(Size) when Size =< 0 -> [];
iolist(Size) -> [one_of([0, 255, <<>>, <<"io">>, "text", iolist(Size div 2), []]) || _ <- lists:seq(1, length_of(min(Size, 6)))].

function(any, Value) -> function(rand:uniform(4) - 1, Value);
function(0, Value) -> fun() -> Value end;
function(1, Value) -> fun(_) -> Value end;
function(2, Value) -> fun(_, _) -> Value end;
function(3, Value) -> fun(_, _, _) -> Value end;
function(Arity, _) -> erlang:make_fun(erlang, node, Arity).

%% --- of the composed kinds ---

length_of(Size) ->
    case rand:uniform(6) of
        1 -> 0;
        2 -> 1;
        3 -> Size;
        _ -> rand:uniform(max(1, min(Size, 4)))
    end.

list(Element, Tail, Length, Size, With) ->
    Part = Size div Length,
    Last = case Tail of {basic, nil} -> []; _ -> value(Tail, Part, With) end,
    lists:foldl(fun(_, Rest) -> [value(Element, Part, With) | Rest] end, Last, lists:seq(1, Length)).

map(Associations, Size, With) ->
    Part = part(Size, Associations),
    maps:from_list(lists:append([pairs(Association, Part, With) || Association <- Associations])).

pairs({{literal, Key}, Value, required}, Size, With) ->
    [{Key, value(Value, Size, With)}];
pairs({{literal, Key}, Value, optional}, Size, With) ->
    [{Key, value(Value, Size, With)} || rand:uniform(3) > 1];
pairs({Key, Value, Needed}, Size, With) ->
    Least = case Needed of required -> 1; optional -> 0 end,
    [{value(Key, Size div 4, With), value(Value, Size div 2, With)} || _ <- lists:seq(1, max(Least, length_of(min(Size, 40))))].

%% Of pairs; those that have no keys hold the values.
-spec container(atom(), [{term(), term()}]) -> term().
container(dict, Pairs) -> dict:from_list(Pairs);
container(gb_tree, Pairs) -> lists:foldl(fun({Key, Value}, Tree) -> gb_trees:enter(Key, Value, Tree) end, gb_trees:empty(), Pairs);
container(orddict, Pairs) -> orddict:from_list(Pairs);
container(array, []) -> array:new();
container(array, Pairs) -> array:from_list([Value || {_, Value} <- Pairs]);
container(gb_set, Pairs) -> gb_sets:from_list([Value || {_, Value} <- Pairs]);
container(set, Pairs) -> sets:from_list([Value || {_, Value} <- Pairs], [{version, 1 + length(Pairs) rem 2}]);
container(queue, Pairs) -> queue:from_list([Value || {_, Value} <- Pairs]);
container(ordset, Pairs) -> ordsets:from_list([Value || {_, Value} <- Pairs]).

%% --- any term ---

%% Of hundreds of records chance would leave some out: each has two states for itself first, not with the same remainder, since some
%% remainders mean states of other kinds.
any(Size, #{seek := [_ | _] = Sought, turn := Turn} = With) when Size > 0, Turn > 0, Turn =< 2 * length(Sought) ->
    Most = length(Sought),
    value(lists:nth(1 + (Turn - 1 + (Turn - 1) div Most) rem Most, Sought), Size div 2, With);
any(Size, #{seek := [_ | _] = Sought} = With) when Size > 0 ->
    case rand:uniform(3) of
        1 -> value(one_of(Sought), Size div 2, With);
        _ -> plain(Size, With)
    end;
any(Size, With) ->
    plain(Size, With).

plain(Size, With) when Size =< 0 ->
    case rand:uniform(12) of
        1 -> integer(none, none);
        2 -> float();
        3 -> one_of([<<>>, <<"text">>, <<1:3>>, <<255, 0, 254>>]);
        4 -> one_of([[], {}, #{}, "text", [a | b]]);
        5 -> basic(one_of([pid, port, reference]), 0, With);
        6 -> function(any, undefined);
        _ -> atom(With)
    end;
plain(Size, #{natives := Natives} = With) ->
    case rand:uniform(case Natives of true -> 9; false -> 8 end) of
        9 -> migrator_verify_record:made({nobody, of_nobody, private, [a, 'B']}, [any(Size div 2, With), any(Size div 2, With)]);
        1 -> list(any, {basic, nil}, max(1, length_of(Size)), Size, With);
        2 -> [any(Size div 2, With) | any(Size div 2, With)];
        3 -> tuple(Size, With);
        4 -> map([{any, any, optional}], Size, With);
        5 -> maps:from_list([{one_of([[], {}, 1.0, <<1:1>>, #{}, "key", {a}]), any(Size div 2, With)}]);
        _ -> plain(0, With)
    end.

tuple(Size, With) ->
    list_to_tuple(values(lists:duplicate(length_of(min(max(Size, 0), 6)), any), Size, With)).

%% A tuple of that tag and size.
-spec tagged(atom(), pos_integer(), with()) -> tuple().
tagged(Tag, Size, With) ->
    list_to_tuple([Tag | [any(1, With) || _ <- lists:seq(2, Size)]]).

%% A native record like those of that definition, and of another one.
-spec estranged(migrator_verify_record:definition(), with()) -> term().
estranged(Definition, With) ->
    {_, _, _, Fields} = Other = migrator_verify_record:estranged(Definition, rand:uniform(4)),
    migrator_verify_record:made(Other, [any(1, With) || _ <- Fields]).
