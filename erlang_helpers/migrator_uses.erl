%% What a module's functions do with the fields of its records, as facts: where each is read, set and matched, what it is
%% given, and what it is passed to.
-module(migrator_uses).

-export([uses/5]).

%% The facts of the protocol, function by function in the order of the module. Names: the records whose fields are looked at.
-spec uses([atom()], [term()], [{atom(), arity()}], #{{atom(), arity()} => [term()]}, migrator_records:definitions()) -> binary().
uses(Names, Forms, Exports, Functions, #{module := Module} = Definitions) ->
    Records = maps:with(Names, migrator_records:defaults(Definitions)),
    Start = migrator_walk:new(Module, migrator_expr:imports(Forms), Functions, Records),
    {Found, Walk} = lists:mapfoldl(fun(Name, Acc) ->
        {{Facts, _}, Done} = migrator_walk:function(Name, Acc),
        {Facts, Done}
    end, Start, [{F, A} || {function, _, F, A, _} <- Forms]),
    Unknown = maps:merge(migrator_walk:unknown_callers(Walk), maps:from_list([{Name, true} || Name <- Exports])),
    migrator_json:encode(unique([Told || Fact <- defaults(Names, Records, Walk) ++ lists:append(Found), Told <- told(Fact, Unknown)])).

%% What the declarations give the fields of new records.
defaults(Names, Records, Walk) ->
    [{given, Name, Field, none, 0, migrator_walk:value(Default, Walk)}
     || Name <- Names, is_map_key(Name, Records), {Field, Default} <- maps:get(Name, Records), Default =/= none].

unique(Facts) ->
    {Unique, _} = lists:foldl(fun(Fact, {Acc, Seen}) when is_map_key(Fact, Seen) -> {Acc, Seen};
                                 (Fact, {Acc, Seen}) -> {[Fact | Acc], Seen#{Fact => true}}
                              end, {[], #{}}, Facts),
    lists:reverse(Unique).

%% A fact for the wire. What is still an argument there comes from a caller that nobody knows, or from those that carry
%% the fact themselves.
told({given, Record, Field, Function, Line, Origins}, Unknown) ->
    case lists:usort(lists:append([origin(Origin, Unknown) || Origin <- Origins])) of
        [] when Origins =/= [] -> [];
        Told -> [{given, Record, Field, Function, Line, Told}]
    end;
told({passed, {_, {field, '-old_state-', _}}, Function, Line, To}, _) -> [{old_state, Function, Line, To}];
told({seen_as, {_, {field, '-old_state-', _}}, _, _, _}, _) -> [];
told({passed, {Depth, {field, Record, Field}}, Function, Line, To}, _) -> [{passed, Record, Field, Depth, Function, Line, To}];
told({seen_as, {_, {field, Record, Field}}, Function, Line, Seen}, _) -> [{seen_as, Record, Field, Function, Line, Seen}];
told(Fact, _) when element(1, Fact) =:= passed; element(1, Fact) =:= seen_as -> [];
told({built, any, Function, Line}, _) -> [{built, none, Function, Line}];
told(Fact, _) -> [Fact].

origin({_, {field, '-old_state-', _}}, _) -> [unknown];
origin({_, {param, Function, _}}, Unknown) when is_map_key(Function, Unknown) -> [unknown];
origin({_, {param, _, _}}, _) -> [];
origin({_, Simple}, _) when is_atom(Simple) -> [Simple];
origin({_, {tuple, _}} = Tuple, Unknown) ->
    lists:append([origin(Part, Unknown) || Part <- migrator_origins:held([Tuple])]);
origin(Origin, _) -> [Origin].

