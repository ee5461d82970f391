%% The clauses of the function that migrates: which calls each takes, and how it treats the state.
-module(migrator_clauses).

-export([callbacks/4]).

-type callback() :: {atom(), arity(), pos_integer(), pos_integer()}.
-type reach() :: no | some | every.

%% Those of the callbacks that the module defines.
-spec callbacks([callback()], module(), [term()], #{}) -> [tuple()].
callbacks(Callbacks, Module, Forms, Functions) ->
    Flow = migrator_flow:new(parts, Module, migrator_expr:imports(Forms), Functions),
    [{{F, A}, [clause(Clause, StateArgument, VsnArgument, Flow) || Clause <- maps:get({F, A}, Functions)]}
     || {F, A, StateArgument, VsnArgument} <- Callbacks, is_map_key({F, A}, Functions), in_range(F, A, [StateArgument, VsnArgument])].

in_range(F, A, Arguments) ->
    lists:all(fun(Argument) -> is_integer(Argument) andalso Argument >= 1 andalso Argument =< A end, Arguments)
        orelse throw({request, migrator_text:text(io_lib:format("~tw/~w has no arguments ~tw", [F, A, Arguments]))}).

clause({clause, Anno, Head, Guards, _} = Clause, StateArgument, VsnArgument, Flow) ->
    Args = [case I of StateArgument -> [state]; _ -> [] end || I <- lists:seq(1, length(Head))],
    {_, Facts} = migrator_flow:clause(Clause, Args, Flow),
    {Up, Down} = reach(Head, Guards, VsnArgument),
    {clause, migrator_text:line(Anno), Up, Down,
     [{Tag, Size, Line} || {shape, Tag, Size, Line} <- Facts],
     [{Record, How, Line} || {use, Record, How, Line} <- Facts],
     [{Kind, Number, Line} || {Kind, Number, Line} <- Facts, Kind =:= grown orelse Kind =:= set],
     [{Tag, Size, Line} || {part_shape, Tag, Size, Line} <- Facts],
     [{Name, Fields, Line} || {fields, Name, Fields, Line} <- Facts]}.

%% Upgrades call with anything but {down, _} as the version, downgrades with nothing else. A guard is not
%% evaluated: it may hold or not.
-spec reach([term()], [term()], pos_integer()) -> {reach(), reach()}.
reach(Head, Guards, VsnArgument) ->
    Variables = migrator_expr:variables(Head),
    Repeated = Variables -- lists:usort(Variables),
    {Before, [Vsn | After]} = lists:split(VsnArgument - 1, Head),
    Others = lists:all(fun(Pattern) -> irrefutable(Pattern, Repeated) end, Before ++ After),
    {Up, Down} = vsn(Vsn, Repeated),
    case Others andalso Guards =:= [] of
        true -> {Up, Down};
        false -> {at_most_some(Up), at_most_some(Down)}
    end.

at_most_some(every) -> some;
at_most_some(Reach) -> Reach.

vsn({match, _, Left, Right}, Repeated) ->
    {LeftUp, LeftDown} = vsn(Left, Repeated),
    {RightUp, RightDown} = vsn(Right, Repeated),
    {both(LeftUp, RightUp), both(LeftDown, RightDown)};
vsn({var, _, _} = Variable, Repeated) ->
    case irrefutable(Variable, Repeated) of
        true -> {every, every};
        false -> {some, some}
    end;
vsn({tuple, _, [{atom, _, down}, Of]}, Repeated) ->
    {no, every_or_some(irrefutable(Of, Repeated))};
vsn({tuple, _, [Tag, Of]}, Repeated) ->
    case can_be_down(Tag) of
        true -> {some, every_or_some(irrefutable(Tag, Repeated) andalso irrefutable(Of, Repeated))};
        false -> {some, no}
    end;
vsn(_, _) ->
    {some, no}.

can_be_down({var, _, _}) -> true;
can_be_down({atom, _, Atom}) -> Atom =:= down;
can_be_down({match, _, Left, Right}) -> can_be_down(Left) andalso can_be_down(Right);
can_be_down(_) -> false.

every_or_some(true) -> every;
every_or_some(false) -> some.

both(no, _) -> no;
both(_, no) -> no;
both(every, every) -> every;
both(_, _) -> some.

irrefutable({var, _, '_'}, _) -> true;
irrefutable({var, _, Name}, Repeated) -> not lists:member(Name, Repeated);
irrefutable({match, _, Left, Right}, Repeated) -> irrefutable(Left, Repeated) andalso irrefutable(Right, Repeated);
irrefutable(_, _) -> false.
