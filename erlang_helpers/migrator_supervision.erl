%% What supervisors start, as facts: the processes that a start function gives, and the child specs of a supervisor.
-module(migrator_supervision).

-export([calls/2, starts/1, specs/1, described/2]).

-define(MOST_WORDS, 32 * 1024 * 1024).

%% For each call {M, F, Args} what it starts. Args may hold what migrator_interpret puts for the unknown.
-spec calls([{module(), binary()}], [{module(), atom(), [term()]}]) -> [term()].
calls(Beams, Calls) ->
    %% What is worked out may be of any size: the request dies rather than the node.
    process_flag(max_heap_size, #{size => ?MOST_WORDS, kill => true, error_logger => false}),
    Forms = maps:from_list([{Module, forms(Beam)} || {Module, Beam} <- Beams]),
    Program = migrator_interpret:new(Forms),
    [answer(Call, Program, Forms) || Call <- Calls].

forms(Beam) ->
    #{forms := Forms} = migrator_beam:open(Beam),
    migrator_forms:eject(Forms).

answer({Module, init, [Args]}, Program, Forms) ->
    Line = line_of(init, 1, maps:get(Module, Forms)),
    {children, Line, described(migrator_interpret:call(Module, init, [Args], Program), Line)};
answer({Module, Name, Args}, Program, _) ->
    {starts, results(migrator_interpret:call(Module, Name, Args, Program))}.

line_of(Name, Arity, Forms) ->
    case [migrator_text:line(Anno) || {function, Anno, F, A, _} <- Forms, F =:= Name, A =:= Arity] of
        [Line | _] -> Line;
        [] -> 0
    end.

%% The processes among what a start function may give.
results({'$some', _, _, Values}) -> lists:usort(lists:append([results(Value) || Value <- Values]));
results({ok, Started}) -> result(Started);
results({ok, Started, _}) -> result(Started);
results({'$unknown', Line, Text, Why}) -> [{unknown, Line, Text, Why}];
results(_) -> [].

result({'$started', Kind, Name, Module, Args}) -> [{Kind, name(Name), Module, Args}];
result({'$some', _, _, Values}) -> lists:append([result(Value) || Value <- Values]);
result({'$unknown', Line, Text, Why}) -> [{unknown, Line, Text, Why}];
result(_) -> [].

name({local, Name}) when is_atom(Name) -> {name, Name};
name({Kind, _} = Name) when Kind =:= global -> known_name(Name);
name({via, _, _} = Name) -> known_name(Name);
name(none) -> none;
name({_, Unknown}) -> {unnamed, Unknown};
name(_) -> none.

known_name(Name) ->
    case migrator_interpret:is_known(Name) of
        true -> {name, Name};
        false -> {unnamed, Name}
    end.

%% What an `init/1` may give: {Flags, Children, Gaps, Faults}.
-spec described(term(), non_neg_integer()) -> {[term()], [term()], [term()], [term()]}.
described(Value, Line) ->
    Results = running(case Value of {'$some', _, _, Values} -> Values; _ -> [Value] end),
    Read = [result_of_init(Result, Line) || Result <- Results],
    Sure = lists:append([[Key || {child, Key, certain, _} <- Children] || {_, Children, _, _} <- Read]),
    Always = [Key || Key <- lists:usort(Sure), length([found || Other <- Sure, Other =:= Key]) =:= length([ok || {_, _, _, Faults} <- Read, Faults =/= [ignore]])],
    Why = case Value of {'$some', At, Text, _} -> {maybe_there, At, Text}; _ -> certain end,
    Children = distinct([{child, Key, case lists:member(Key, Always) of true -> certain; false when When =:= certain -> Why; false -> When end, Spec}
                         || {_, Found, _, _} <- Read, {child, Key, When, Spec} <- Found]),
    {lists:usort([Flags || {Flags, _, _, _} <- Read, Flags =/= none]), [{When, Spec} || {child, _, When, Spec} <- Children],
     lists:usort(lists:append([Gaps || {_, _, Gaps, _} <- Read])), lists:usort(lists:append([Faults || {_, _, _, Faults} <- Read, Faults =/= [ignore]]))}.

%% Where it runs it did not fail.
running(Results) ->
    case [Result || Result <- Results, not is_failure(Result)] of
        [] -> Results;
        Others -> Others
    end.

is_failure({error, _}) -> true;
is_failure({stop, _}) -> true;
is_failure('$none') -> true;
is_failure(_) -> false.

distinct(Children) ->
    {Kept, _} = lists:foldl(fun({child, Key, _, _}, {Acc, Seen}) when is_map_key(Key, Seen) -> {Acc, Seen};
                               ({child, Key, _, _} = Child, {Acc, Seen}) -> {[Child | Acc], Seen#{Key => true}}
                            end, {[], #{}}, Children),
    lists:reverse(Kept).

result_of_init(ignore, _) -> {none, [], [], [ignore]};
result_of_init({ok, {Flags, Specs}}, Line) -> of_flags(Flags, Specs, Line);
result_of_init({ok, {'$some', At, Text, Pairs}}, Line) ->
    described_pairs([of_flags(Flags, Specs, Line) || {Flags, Specs} <- Pairs], At, Text);
result_of_init({'$unknown', At, Text, Why}, _) -> {none, [], [{gap, At, Text, Why}], []};
result_of_init({ok, {'$unknown', At, Text, Why}}, _) -> {none, [], [{gap, At, Text, Why}], []};
result_of_init('$none', Line) -> {none, [], [{gap, Line, <<"an exception">>, none}], []};
result_of_init(Other, Line) ->
    {none, [], [{gap, Line, migrator_pure:shortened(io_lib:format("~0tP", [Other, 9])), result}], []}.

described_pairs(Read, At, Text) ->
    {case [Flags || {Flags, _, _, _} <- Read] of [Flags | _] -> Flags; [] -> none end,
     distinct([{child, Key, {maybe_there, At, Text}, Spec} || {_, Found, _, _} <- Read, {child, Key, _, Spec} <- Found]),
     lists:append([Gaps || {_, _, Gaps, _} <- Read]), lists:append([Faults || {_, _, _, Faults} <- Read])}.

of_flags(Flags, Specs, Line) ->
    Items = items(Specs, certain),
    Children = [child(Spec, When) || {item, Spec, When} <- Items],
    Gaps = [{gap, At, Text, Why} || {gap, At, Text, Why} <- Items] ++ [{gap, At, Text, Why} || {no_child, At, Text, Why} <- Children],
    {flags(Flags), [Child || {child, _, _, _} = Child <- Children], [case Gap of {gap, 0, Text, Why} -> {gap, Line, Text, Why}; _ -> Gap end || Gap <- Gaps],
     faults(Flags, Specs)}.

flags({Strategy, Intensity, Period}) -> {Strategy, Intensity, Period};
flags(#{} = Map) -> {maps:get(strategy, Map, one_for_one), maps:get(intensity, Map, 1), maps:get(period, Map, 5)};
flags({'$some', _, _, [First | _]}) -> flags(First);
flags(Other) -> {Other, Other, Other}.

%% What the supervisor itself has against known specs.
faults(Flags, Specs) ->
    case migrator_interpret:is_known(Specs) andalso migrator_interpret:is_known(Flags) of
        true ->
            Auto = case Flags of #{auto_shutdown := Mode} -> [Mode]; _ -> [] end,
            try apply(supervisor, check_childspecs, [Specs | Auto]) of
                ok -> [];
                {error, Why} -> [migrator_pure:shortened(io_lib:format("~0tP", [Why, 20]))]
            catch
                error:undef -> []
            end;
        false -> []
    end.

items([], _) -> [];
items([Head | Tail], When) -> item(Head, When) ++ items(Tail, When);
items({'$append', One, Other}, When) -> items(One, When) ++ items(Other, When);
items({'$some', Line, Text, Lists}, When) -> alternatives([items(List, When) || List <- Lists], Line, Text);
items({'$unknown', Line, Text, Why}, _) -> [{gap, Line, Text, Why}];
items(_, _) -> [].

item({'$some', Line, Text, Values}, When) -> alternatives([item(Value, When) || Value <- Values], Line, Text);
item({'$unknown', Line, Text, Why}, _) -> [{gap, Line, Text, Why}];
item(Value, When) -> [{item, Value, When}].

%% What is in all of them is there; the rest may be.
alternatives([First | Rest] = All, Line, Text) ->
    Sure = [Item || {item, _, _} = Item <- First, lists:all(fun(Items) -> lists:member(Item, Items) end, Rest)],
    {Found, _} = lists:foldl(fun(Item, {Acc, Seen}) when is_map_key(Item, Seen) -> {Acc, Seen};
                                (Item, {Acc, Seen}) ->
                                    Told = case {lists:member(Item, Sure), Item} of
                                        {false, {item, Value, certain}} -> {item, Value, {maybe_there, Line, Text}};
                                        _ -> Item
                                    end,
                                    {[Told | Acc], Seen#{Item => true}}
                             end, {[], #{}}, lists:append(All)),
    lists:reverse(Found);
alternatives([], _, _) -> [].

child({Id, Start, Restart, Shutdown, Type, Modules}, When) ->
    told(Id, Start, Restart, Shutdown, Type, Modules, false, When);
child(#{id := Id, start := Start} = Map, When) ->
    Type = maps:get(type, Map, worker),
    Shutdown = case Type of supervisor -> infinity; _ -> 5000 end,
    Modules = case Start of {Module, _, _} -> [Module]; _ -> migrator_interpret:unknown(0, "the modules", start) end,
    told(Id, Start, maps:get(restart, Map, permanent), maps:get(shutdown, Map, Shutdown), Type, maps:get(modules, Map, Modules),
         maps:get(significant, Map, false), When);
child(Other, _) -> {no_child, 0, migrator_pure:shortened(io_lib:format("~0tP", [Other, 9])), spec}.

told({'$unknown', Line, Text, Why}, Start, Restart, Shutdown, Type, Modules, Significant, When) ->
    {child, {Text, Start}, When, {{'$unknown', Line, Text, Why}, start(Start), Restart, Shutdown, Type, Modules, Significant}};
told(Id, Start, Restart, Shutdown, Type, Modules, Significant, When) ->
    {child, {Id, Start}, When, {Id, start(Start), Restart, Shutdown, Type, Modules, Significant}}.

start({_, _, _} = Start) -> Start;
start(Other) -> Other.

%% What a module says of itself: `behaviours`; `starts`, its exported functions that are called like those that start a process;
%% `file`; the lines of `-on_load`; and `debug_info`, whether the rest is known.
-spec starts(binary()) -> [{atom(), term()}].
starts(Beam) ->
    try migrator_beam:open(Beam) of
        #{forms := Forms} = Opened ->
            Own = migrator_forms:eject(Forms),
            [{behaviours, [Name || {attribute, _, Kind, Name} <- Own, Kind =:= behaviour orelse Kind =:= behavior]},
             {starts, [Function || {Name, _} = Function <- migrator_beam:exports(Opened), lists:prefix("start", atom_to_list(Name))]},
             {file, case [File || {attribute, _, file, {File, _}} <- Own] of [File | _] -> migrator_text:text(File); [] -> none end},
             {on_load, [migrator_text:line(Anno) || {attribute, Anno, on_load, _} <- Own]},
             {debug_info, true}]
    catch
        throw:{_, _} ->
            #{attr := Attr} = Opened = migrator_beam:chunks_only(Beam),
            [{behaviours, lists:append([Names || {Kind, Names} <- Attr, Kind =:= behaviour orelse Kind =:= behavior, is_list(Names)])},
             {starts, [Function || {Name, _} = Function <- migrator_beam:exports(Opened), lists:prefix("start", atom_to_list(Name))]},
             {file, none}, {on_load, []}, {debug_info, false}]
    end.

%% The modules that child specs name which stand anywhere in the code, whatever is done with them; and the lines of those of which that cannot be told.
-spec specs(binary()) -> {[module()], [non_neg_integer()]}.
specs(Beam) ->
    #{module := Module, forms := Forms} = migrator_beam:open(Beam),
    Own = migrator_forms:eject(Forms),
    Program = migrator_interpret:new(#{Module => Own}),
    Found = migrator_expr:fold_values(fun(Expr, Acc) -> [Expr || is_spec(Expr)] ++ Acc end, [], [Form || {function, _, _, _, _} = Form <- Own]),
    Named = [{migrator_text:line(element(2, Expr)), element(6, Spec)}
             || Expr <- Found, {child, _, _, Spec} <- [child(migrator_interpret:expression(Module, Expr, Program), certain)]],
    {lists:usort([Name || {_, Modules} <- Named, Name <- proper(Modules), is_atom(Name)]),
     lists:usort([Line || {Line, Modules} <- Named, not migrator_interpret:is_known(Modules)])}.

is_spec({tuple, _, [_, {tuple, _, [_, _, _]}, _, _, {atom, _, Type}, _]}) -> Type =:= worker orelse Type =:= supervisor;
is_spec({map, _, Fields}) -> [start || {map_field_assoc, _, {atom, _, start}, _} <- Fields] =/= [];
is_spec(_) -> false.

proper([Head | Tail]) -> [Head | proper(Tail)];
proper(_) -> [].
