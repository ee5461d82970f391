%% Holds two beams of a module against each other: whatever differs and is not ours is told.
%% Either may carry a migration of ours.
-module(migrator_prove).

-export([prove/2, compare_code/1]).

-define(OTHER, <<"this beam was not built by this compiler, or was changed since: compiled again as it is, it is another">>).

-record(side, {opened, forms, own :: [{atom(), arity()}], migrated, ours}).

-spec prove(binary(), binary()) -> [binary()].
prove(Before, After) ->
    try findings(side(Before), side(After)) of
        [] -> [];
        Findings -> blame(Before), [unicode:characters_to_binary(Finding) || Finding <- Findings]
    catch
        error:Reason:Stack -> blame(Before), erlang:raise(error, Reason, Stack)
    end.

findings(Old, New) ->
    sound(Old),
    lists:append([whole(Old, New), exports(Old, New), attributes(Old, New), chunks(Old, New), debug_info(Old, New), code(Old, New), loads(New)]).

%% Before our edit is blamed: a beam whose chunks are not what its own abstract code compiles to cannot be compared with.
blame(Before) ->
    #{forms := Forms, chunks := Chunks} = Opened = migrator_beam:open(Before),
    {ok, Made} = migrator_compile:compile(Opened, Forms, migrator_beam:exports(Opened)),
    Compared = fun(Id) -> migrator_splice:made_by_compiler(Id) andalso Id =/= <<"DbgB">> end,
    Own = [Chunk || {Id, _} = Chunk <- Chunks, Compared(Id)],
    Same = lists:sort(Own) =:= lists:sort([Chunk || {Id, _} = Chunk <- Made, Compared(Id)]),
    Same andalso lists:keymember(<<"Attr">>, 1, Chunks) orelse throw({compile, ?OTHER}),
    ok.

side(Beam) ->
    #{forms := Forms} = Opened = migrator_beam:open(Beam),
    #side{opened = Opened, forms = migrator_forms:eject(Forms), own = migrator_splice:own_exports(Opened),
          migrated = migrator_forms:migrated(Forms), ours = migrator_forms:ours(Forms)}.

%% What the first beam says of its own migration must hold before the second one is blamed.
sound(Old) ->
    case unlike_its_attribute([Old]) ++ not_exported(Old) of
        [] -> ok;
        [Finding | _] -> throw({migrated, unicode:characters_to_binary(Finding)})
    end.

%% Whether the compiler that we have makes this very beam of its forms.
-spec compare_code(binary()) -> same | differs.
compare_code(Beam) ->
    #{forms := Forms} = Opened = migrator_beam:open(Beam),
    compare_code(Opened, Forms, migrator_beam:exports(Opened)).

compare_code(Opened, Forms, Exports) ->
    case migrator_compile:compile(Opened, Forms, Exports) of
        {ok, Made} ->
            Same = migrator_beam:chunk(<<"Code">>, Made) =:= migrator_beam:chunk(<<"Code">>, Opened),
            case Same of true -> same; false -> differs end;
        {error, Text} ->
            throw({compile, Text})
    end.

%% --- all but the code ---

whole(#side{opened = Old}, #side{opened = New}) ->
    [io_lib:format("~s differs", [What])
     || {Key, What} <- [{module, "the module's name"}, {compressed, "the compression"}, {options, "the list of compile options"},
                        {encryption, "the encryption of the debug info"}],
        maps:get(Key, Old) =/= maps:get(Key, New)].

exports(Old, New) ->
    difference("the exported function ~tw/~w", lists:usort(Old#side.own), lists:usort(New#side.own))
        ++ not_exported(New).

not_exported(#side{migrated = none}) ->
    [];
not_exported(#side{migrated = #{exported := Exported}, opened = Opened}) ->
    [io_lib:format("~tw/~w is not exported, though state_migrated says so", [Name, Arity])
     || {Name, Arity} <- Exported -- migrator_beam:exports(Opened)].

difference(What, Old, New) ->
    [io_lib:format(What ++ " is gone", tuple_to_list(Name)) || Name <- Old -- New]
        ++ [io_lib:format(What ++ " is new", tuple_to_list(Name)) || Name <- New -- Old].

attributes(Old, New) ->
    unlike_its_attribute([New]) ++
    case {own_attributes(Old), own_attributes(New)} of
        {Same, Same} -> [];
        {Was, Is} ->
            case lists:usort(Was) =:= lists:usort(Is) of
                true -> ["the attributes are in another order"];
                false -> [io_lib:format("the attribute ~tp differs", [Name]) || Name <- lists:usort(names(Was -- Is) ++ names(Is -- Was))]
            end
    end.

unlike_its_attribute(Sides) ->
    ["the attribute state_migrated is not that of the abstract code" || Side <- Sides, not carries_its_attribute(Side)].

carries_its_attribute(#side{opened = #{attr := Attributes}, migrated = Migrated}) ->
    Carried = [Term || {state_migrated, Term} <- Attributes],
    case Migrated of
        none -> Carried =:= [];
        #{term := Term} -> Carried =:= [Term]
    end.

own_attributes(#side{opened = #{attr := Attributes}, migrated = none}) ->
    Attributes;
own_attributes(#side{opened = #{attr := Attributes}, migrated = #{term := Term}}) ->
    Attributes -- [{state_migrated, Term}].

names(Attributes) ->
    [case Attribute of {Name, _} -> Name; _ -> Attribute end || Attribute <- Attributes].

chunks(#side{opened = #{chunks := Old}}, #side{opened = #{chunks := New}}) ->
    OldIds = [Id || {Id, _} <- Old],
    NewIds = [Id || {Id, _} <- New],
    Tables = [<<"FunT">>, <<"LitT">>, <<"Type">>],
    Order = [<<"the chunks are others, or in another order">> || OldIds -- Tables =/= NewIds -- Tables],
    Order ++ [io_lib:format("the chunk ~s differs", [Id])
              || {Id, Content} <- Old, not migrator_splice:made_by_compiler(Id), not lists:member(Id, [<<"Attr">>, <<"Dbgi">>]),
                 Other <- [migrator_beam:chunk(Id, New)], Other =/= none, Other =/= Content].

debug_info(#side{forms = Forms}, #side{forms = Forms}) ->
    [];
debug_info(#side{forms = Old}, #side{forms = New}) ->
    case [Form || {Form, Other} <- pairs(Old, New), Form =/= Other] of
        [Form | _] -> [io_lib:format("the abstract code differs, first at ~ts", [form_name(Form)])];
        [] -> ["the abstract code ends differently"]
    end.

pairs([Old | Olds], [New | News]) -> [{Old, New} | pairs(Olds, News)];
pairs(_, _) -> [].

form_name({function, _, Name, Arity, _}) -> io_lib:format("the function ~tw/~w", [Name, Arity]);
form_name({attribute, _, Name, _}) -> io_lib:format("the attribute ~tw", [Name]);
form_name(_) -> "the end".

%% Goes through all that the loader checks, and runs nothing: -on_load comes later.
loads(#side{opened = #{module := Module, plain := Plain}}) ->
    case erlang:prepare_loading(Module, Plain) of
        {error, Reason} -> [io_lib:format("it does not load: ~tw", [Reason])];
        _ -> []
    end.

%% --- the code ---

code(Old, New) ->
    Was = functions(Old),
    Is = functions(New),
    case differing(Was, Is) of
        [] -> [];
        Differing ->
            Reached = lists:usort(reached(Old) ++ reached(New)),
            case [Name || Name <- Differing, not lists:member(origin(Name), Reached)] of
                [] -> [];
                Blamed ->
                    same_compiler(Old, New),
                    [io_lib:format("the code of ~tw/~w differs", [Name, Arity]) || {Name, Arity} <- Blamed -- inferred(Blamed, Reached, Old, New)]
            end
    end.

%% What calls a function that ours calls too may differ by what the compiler knows of that one's result. So it does by no more,
%% if both beams are just what the compiler makes of their forms, and their code is the same where it makes it without looking
%% from one function into another.
inferred(_, [], _, _) ->
    [];
inferred(Blamed, _, Old, New) ->
    case lists:all(fun as_compiled/1, [Side || #side{ours = [_ | _]} = Side <- [Old, New]]) of
        true -> Blamed -- differing(functions(isolated(Old)), functions(isolated(New)));
        false -> []
    end.

as_compiled(#side{opened = #{forms := Forms} = Opened}) ->
    compare_code(Opened, Forms, migrator_beam:exports(Opened)) =:= same.

isolated(#side{opened = #{forms := Forms, options := Options} = Opened} = Side) ->
    Isolating = Opened#{options := [no_module_opt, no_type_opt | Options]},
    case migrator_compile:compile(Isolating, Forms, migrator_beam:exports(Opened)) of
        {ok, Made} -> Side#side{opened = Opened#{chunks := Made, plain := migrator_beam:build(#{gzip_header => <<>>}, Made)}};
        {error, Text} -> throw({compile, Text})
    end.

differing(Was, Is) ->
    [Name || {Name, Code} <- lists:sort(maps:to_list(Was)), maps:get(Name, Is, none) =/= Code]
        ++ lists:sort([Name || Name <- maps:keys(Is), not is_map_key(Name, Was)]).

functions(#side{opened = Opened, migrated = none}) ->
    migrator_code:functions(Opened, fun(Name) -> Name end);
functions(#side{opened = Opened, migrated = #{renamed := Renamed}, ours = Ours}) ->
    Names = maps:from_list([{{New, Arity}, Name} || {{Name, Arity}, New} <- Renamed]),
    Functions = migrator_code:functions(Opened, fun(Name) -> own_name(Name, Names, Ours) end),
    maps:filter(fun({{ours, _}, _}, _) -> false; (_, _) -> true end, Functions).

%% Under the name that the function has without us. Ours cannot pass for the module's own.
own_name({Name, Arity} = Function, Names, Ours) ->
    case {origin(Function), Names} of
        {Function, #{Function := Own}} -> {Own, Arity};
        {Origin, _} ->
            case {lists:member(Origin, Ours), Names} of
                {true, _} -> {{ours, Name}, Arity};
                {false, #{Origin := Own}} -> {lambda_of(Name, Own), Arity};
                _ -> Function
            end
    end.

%% The function that the compiler made this one from: it is named after that, '-f/1-fun-0-' or '-inlined-f/1-'.
origin({Name, _} = Function) ->
    case lambda(Name) of
        {_, Of, Arity, _} -> {list_to_atom(Of), list_to_integer(Arity)};
        none -> Function
    end.

lambda_of(Name, Own) ->
    {Before, _, Arity, After} = lambda(Name),
    list_to_atom(lists:concat([Before, Own, "/", Arity, After])).

%% Up to the first slash with a number and a dash behind it.
lambda(Name) ->
    case atom_to_list(Name) of
        "-" ++ _ = Text ->
            case re:run(Text, "^(-(?:inlined-)?)(.*?)/([0-9]+)(-.*)$", [{capture, all_but_first, list}, unicode, dotall]) of
                {match, [Before, Of, Arity, After]} -> {Before, Of, Arity, After};
                nomatch -> none
            end;
        _ ->
            none
    end.

%% What ours calls, through functions that only the module calls: there the compiler may know more of the arguments,
%% or less, than without us. (The forms are the same: that was compared.)
reached(#side{ours = []}) ->
    [];
reached(#side{opened = #{forms := Forms} = Opened, ours = Ours, migrated = #{renamed := Renamed}}) ->
    Defined = maps:from_list([{{Name, Arity}, Function} || {function, _, Name, Arity, _} = Function <- Forms]),
    Defaults = [Default || {attribute, _, record, {_, Fields}} <- Forms, Default <- migrator_forms:uses(Fields)],
    Exports = migrator_beam:exports(Opened),
    Reached = reach(Ours ++ Defaults, Defined, Exports -- Ours, []),
    [case lists:keyfind({New, Arity}, 1, [{{R, A}, Own} || {{Own, A}, R} <- Renamed]) of
         {_, Own} -> {Own, Arity};
         false -> {New, Arity}
     end || {New, Arity} <- Reached -- Ours].

reach([Name | Names], Defined, Exports, Seen) ->
    case {lists:member(Name, Seen), Defined} of
        {false, #{Name := Function}} ->
            Next = case lists:member(Name, Exports) of
                       true -> [];
                       false -> migrator_forms:uses(Function)
                   end,
            reach(Next ++ Names, Defined, Exports, [Name | Seen]);
        _ ->
            reach(Names, Defined, Exports, Seen)
    end;
reach([], _, _, Seen) ->
    Seen.

%% Before the edit is blamed: does this compiler make the beam that there was without it?
same_compiler(Old, New) ->
    case [Side || #side{migrated = none} = Side <- [Old, New]] of
        [#side{opened = Opened, forms = Forms, own = Own} | _] ->
            compare_code(Opened, Forms, Own) =:= same orelse
                throw({compile, ?OTHER});
        [] ->
            true
    end.
