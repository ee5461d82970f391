%% What functions of OTP give that have no effect, and what start functions start, for values of which parts are unknown
%% (migrator_interpret says how they look).
-module(migrator_pure).

-export([call/5, started/3, append/2, each_of/3, shortened/1, text/1]).

-define(IS_OPAQUE(Tag), (Tag =:= '$unknown' orelse Tag =:= '$some' orelse Tag =:= '$append')).
-define(LONGEST, 80).

%% Those that look at the outermost parts of their arguments only, so that what lies deeper may be unknown.
-define(SHALLOW, [{erlang, element, 2}, {erlang, hd, 1}, {erlang, tl, 1}, {erlang, setelement, 3}, {erlang, tuple_to_list, 1}, {erlang, list_to_tuple, 1},
                  {erlang, length, 1}, {erlang, is_list, 1}, {erlang, is_tuple, 1}, {erlang, is_atom, 1}, {erlang, is_map, 1}, {erlang, is_integer, 1},
                  {erlang, is_binary, 1}, {erlang, is_pid, 1}, {erlang, is_function, 1}, {erlang, is_number, 1}, {erlang, is_boolean, 1}, {erlang, is_float, 1},
                  {erlang, tuple_size, 1}, {erlang, map_size, 1}, {erlang, is_map_key, 2}, {erlang, map_get, 2}, {erlang, is_record, 2}, {erlang, is_record, 3},
                  {lists, reverse, 1}, {lists, reverse, 2}, {lists, nth, 2}, {lists, nthtail, 2}, {lists, keyfind, 3}, {lists, keysearch, 3}, {lists, keydelete, 3},
                  {lists, keystore, 4}, {lists, keyreplace, 4}, {lists, last, 1}, {lists, seq, 2}, {lists, zip, 2}, {lists, duplicate, 2}, {lists, sublist, 2},
                  {maps, get, 2}, {maps, get, 3}, {maps, put, 3}, {maps, merge, 2}, {maps, remove, 2}, {maps, with, 2}, {maps, without, 2}, {maps, find, 2},
                  {maps, is_key, 2}, {maps, new, 0}, {maps, values, 1}, {maps, keys, 1}, {maps, to_list, 1}, {maps, from_list, 1}, {maps, update, 3},
                  {proplists, get_value, 2}, {proplists, get_value, 3}]).

%% Whatever these get must be known to the last; they have no effect, and hang on nothing but their arguments.
-define(PURE_MODULES, [lists, maps, proplists, string, orddict, ordsets, dict, sets, gb_trees, gb_sets, unicode, filename, binary, math, base64]).
-define(PURE_ERLANG, [atom_to_list, list_to_atom, atom_to_binary, binary_to_atom, binary_to_list, list_to_binary, integer_to_list, list_to_integer,
                      integer_to_binary, iolist_to_binary, list_to_tuple, tuple_to_list, element, setelement, length, size, byte_size, hd, tl, abs, max, min,
                      round, trunc, float, phash2, list_to_existing_atom, append_element, is_atom, is_binary, is_bitstring, is_boolean, is_float,
                      is_function, is_integer, is_list, is_map, is_map_key, is_number, is_pid, is_port, is_record, is_reference, is_tuple, map_get, map_size,
                      tuple_size, '+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'bsl', 'bsr', 'bnot', '++', '--', '==', '/=', '=:=', '=/=',
                      '<', '>', '=<', '>=', 'and', 'or', 'not', 'xor']).

%% Apply calls a fun that is a value; Unknown gives what stands for a call of which nothing is known.
call(erlang, Raise, _, _, _) when Raise =:= error; Raise =:= exit; Raise =:= throw; Raise =:= halt; Raise =:= nif_error -> '$none';
call(erlang, '++', [Left, Right], _, _) -> append(Left, Right);
call(lists, append, [Left, Right], _, _) -> append(Left, Right);
call(lists, append, [Lists], _, Unknown) -> spliced(Lists, fun append/2, Unknown);
call(lists, flatten, [List], _, Unknown) -> flattened(List, Unknown);
call(lists, map, [Fun, List], Apply, Unknown) -> mapped(List, fun(Each) -> [Apply(Fun, [Each])] end, Unknown);
call(lists, flatmap, [Fun, List], Apply, Unknown) -> mapped(List, fun(Each) -> Apply(Fun, [Each]) end, Unknown);
call(lists, filter, [Fun, List], Apply, Unknown) ->
    mapped(List, fun(Each) -> kept(Apply(Fun, [Each]), Each, Unknown) end, Unknown);
call(lists, filtermap, [Fun, List], Apply, Unknown) ->
    mapped(List, fun(Each) -> case Apply(Fun, [Each]) of {true, Other} -> [Other]; Kept -> kept(Kept, Each, Unknown) end end, Unknown);
call(lists, foldl, [Fun, Start, List], Apply, Unknown) ->
    case is_proper(List) of
        true -> lists:foldl(fun(Each, Acc) -> Apply(Fun, [Each, Acc]) end, Start, List);
        false when is_list(Start), is_tuple(List) -> each_of(List, fun(Each) -> Apply(Fun, [Each, Start]) end, Unknown);
        false -> Unknown()
    end;
call(lists, foldr, [Fun, Start, List], Apply, Unknown) ->
    case is_proper(List) of
        true -> lists:foldr(fun(Each, Acc) -> Apply(Fun, [Each, Acc]) end, Start, List);
        false -> Unknown()
    end;
call(erlang, apply, [Fun, Args], Apply, Unknown) -> case is_proper(Args) of true -> Apply(Fun, Args); false -> Unknown() end;
call(erlang, apply, [Module, Name, Args], Apply, Unknown) ->
    case is_atom(Module) andalso is_atom(Name) andalso is_proper(Args) of
        true -> Apply({'$fun', Module, Name, remote, length(Args)}, Args);
        false -> Unknown()
    end;
call(erlang, is_pid, [{'$started', _, _, _, _}], _, _) -> true;
call(Module, Name, Args, _, Unknown) ->
    evaluated(Module, Name, Args, Unknown).

kept(true, Each, _) -> [Each];
kept(false, _, _) -> [];
kept(_, Each, Unknown) ->
    case Unknown() of
        {'$unknown', Line, Text, _} -> {'$some', Line, Text, [[Each], []]};
        Other -> Other
    end.

evaluated(Module, Name, Args, Unknown) ->
    Arity = length(Args),
    Known = lists:all(fun migrator_interpret:is_known/1, Args),
    Shallow = lists:member({Module, Name, Arity}, ?SHALLOW) andalso lists:all(fun is_outermost/1, Args),
    Pure = Known andalso (lists:member(Module, ?PURE_MODULES) orelse Module =:= erlang andalso lists:member(Name, ?PURE_ERLANG)),
    case Args of
        [{'$some', Line, Text, Values} | Rest] when Arity < 3 ->
            some([evaluated(Module, Name, [Value | Rest], Unknown) || Value <- Values], Line, Text);
        _ when Shallow; Pure ->
            try apply(Module, Name, Args) catch _:_ -> '$none' end;
        _ ->
            Unknown()
    end.

some(Values, Line, Text) ->
    case lists:usort(Values) of
        [Value] -> Value;
        Several -> {'$some', Line, Text, Several}
    end.

is_outermost({Tag, _, _, _}) when ?IS_OPAQUE(Tag) -> false;
is_outermost({'$append', _, _}) -> false;
is_outermost([_ | _] = List) -> is_proper(List);
is_outermost(Value) -> Value =/= '$none'.

is_proper([Head | Tail]) -> not is_gap(Head) andalso is_proper(Tail);
is_proper([]) -> true;
is_proper(_) -> false.

is_gap({Tag, _, _, _}) when ?IS_OPAQUE(Tag) -> false;
is_gap('$none') -> true;
is_gap(_) -> false.

%% --- lists of which an end is unknown ---

append([], Right) -> Right;
append(Left, []) -> Left;
append([Head | Tail], Right) -> [Head | append(Tail, Right)];
append('$none', _) -> '$none';
append(_, '$none') -> '$none';
append(Left, Right) -> {'$append', Left, Right}.

spliced([Head | Tail], Join, Unknown) -> Join(Head, spliced(Tail, Join, Unknown));
spliced([], _, _) -> [];
spliced({'$some', Line, Text, Lists}, Join, Unknown) -> some([spliced(List, Join, Unknown) || List <- Lists], Line, Text);
spliced({'$append', One, Other}, Join, Unknown) -> append(spliced(One, Join, Unknown), spliced(Other, Join, Unknown));
spliced(_, _, Unknown) -> Unknown().

flattened(List, Unknown) ->
    spliced(List, fun(Each, Rest) ->
                      case Each of
                          [] -> Rest;
                          [_ | _] -> append(flattened(Each, Unknown), Rest);
                          {'$some', _, _, _} -> append(flattened(Each, Unknown), Rest);
                          {'$append', _, _} -> append(flattened(Each, Unknown), Rest);
                          {'$unknown', _, _, _} -> append(Each, Rest);
                          _ -> [Each | Rest]
                      end
                  end, Unknown).

%% Of a list that is unknown it is told what each of its elements would come to.
mapped(List, Fun, Unknown) ->
    spliced(List, fun(Each, Rest) -> append(Fun(Each), Rest) end, fun() -> each_of(List, Fun, Unknown) end).

each_of({'$unknown', Line, Text, _} = List, Fun, _) ->
    append(List, {'$some', Line, Text, [[], Fun({'$unknown', Line, <<"each of ", Text/binary>>, part})]});
each_of(_, _, Unknown) -> Unknown().

%% --- start functions ---

%% The processes of these behaviours, and of those that were made after them.
started(supervisor, start_link, [Name, Module, Args]) -> {'$started', supervisor, Name, Module, Args};
started(supervisor, start_link, [Module, Args]) -> {'$started', supervisor, none, Module, Args};
started(supervisor2, start_link, Args) -> started(supervisor, start_link, Args);
started(supervisor_bridge, start_link, Args) -> process(Args);
started(gen_event, Start, [Name | _]) when Start =:= start_link; Start =:= start; Start =:= start_monitor, is_tuple(Name) ->
    {'$started', gen_event, Name, gen_event, []};
started(gen_event, Start, _) when Start =:= start_link; Start =:= start; Start =:= start_monitor -> {'$started', gen_event, none, gen_event, []};
started(proc_lib, Start, [Module, Name, Args | _]) when Start =:= start_link; Start =:= start; Start =:= start_monitor ->
    case is_atom(Module) andalso is_atom(Name) of
        true -> {'$started', process, none, Module, Args};
        false -> none
    end;
started(Module, Start, Args) when Start =:= start_link; Start =:= start; Start =:= start_monitor ->
    case lists:member(Module, [gen_server, gen_statem, gen_fsm, gen_server2, p1_server, p1_fsm, gen]) of
        true -> process(Args);
        false -> none
    end;
started(_, _, _) -> none.

process([Name, Module, Args | Rest]) when is_atom(Module), length(Rest) =< 1, is_tuple(Name) -> {'$started', process, Name, Module, Args};
process([Module, Args | Rest]) when is_atom(Module), length(Rest) =< 1 -> {'$started', process, none, Module, Args};
process(_) -> none.

%% --- text ---

%% A call of values, or an expression, on one line.
text({Name, Args}) -> shortened([atom_to_list(Name), "(", arguments(Args), ")"]);
text({Module, Name, Args}) -> shortened([atom_to_list(Module), ":", atom_to_list(Name), "(", arguments(Args), ")"]).

arguments(Args) -> lists:join(", ", [argument(Arg) || Arg <- Args]).

argument({'$unknown', _, Text, _}) -> Text;
argument(Arg) ->
    case migrator_interpret:is_known(Arg) of
        true -> io_lib:format("~0tP", [Arg, 12]);
        false -> "_"
    end.

shortened(Text) ->
    Line = re:replace(migrator_text:text(Text), <<"\\s+">>, <<" ">>, [global, {return, binary}, unicode]),
    case string:length(Line) > ?LONGEST of
        true -> unicode:characters_to_binary([string:slice(Line, 0, ?LONGEST - 2), " …"]);
        false -> Line
    end.
