%% The requests `read` and `scan`: what a beam says about the states that its module keeps.
-module(migrator_read).

-export([read/4, scan/1]).

-define(OURS, [state_record, state_type, state_callback, state_migration, state_migrated]).

-type pairs() :: [{atom(), term()}].

%% All that the protocol's `read` promises. Of a module that carries a migration of ours the facts are those
%% without it, but for the attribute that tells of it.
-spec read(binary(), [atom()], [tuple()], [atom() | {type, atom()}]) -> pairs().
read(Beam, Records, Callbacks, [uses]) ->
    %% All else was told before: sending it again takes longer than finding it out.
    [Pair || {uses, _} = Pair <- pairs(Beam, Records, Callbacks, [uses])];
read(Beam, Records, Callbacks, Wants) ->
    pairs(Beam, Records, Callbacks, Wants).

pairs(Beam, Records, Callbacks, Wants) ->
    case migrator_locked:is_entry(Beam) of
        true ->
            Entry = migrator_locked:open(Beam),
            migrator_locked:facts(read_opened(Entry, Records, Callbacks, Wants), Entry);
        false ->
            read_opened(migrator_beam:open(Beam), Records, Callbacks, Wants)
    end.

read_opened(#{forms := Carried, options := Options, attr := Attr, compile_info := CompileInfo, md5 := Md5}, Records, Callbacks, Wants) ->
    Forms = migrator_forms:eject(Carried),
    migrator_natives:known_here(Forms),
    Attributes = attributes(Carried),
    Definitions = #{module := Module} = migrator_records:definitions(Forms),
    Named = lists:usort(Records ++ [Name || {state_record, Name, _, _} <- Attributes, is_atom(Name)]),
    Types = [{Name, 0} || {state_type, Name, _, _} <- Attributes, is_atom(Name)] ++ [{Name, 0} || {type, Name} <- Wants],
    {{ReachedRecords, ReachedTypes}, Told} = case lists:member(declarations, Wants) of
        true -> {migrator_records:all(Definitions), elsewhere};
        false -> {migrator_records:reached(Named, Types, Definitions), here}
    end,
    Clauses = migrator_flow:functions(Forms),
    [{module, Module},
     {file, file(Forms)},
     {source, text_or_none(source, CompileInfo)},
     {md5, Md5},
     {vsn, vsn(Attr)},
     {compiler, text_or_none(version, CompileInfo)},
     {behaviours, behaviours(Forms)},
     {exports, names(exports(Forms, Options))},
     {functions, names(functions(Forms))},
     {imports, lists:usort(maps:keys(migrator_expr:imports(Forms)) ++ suppressed(Forms, Options))},
     {attributes, Attributes},
     {records, migrator_records:facts(ReachedRecords, Options, Told, Definitions)},
     {natives, migrator_records:natives(ReachedRecords, Definitions)},
     {record_index, migrator_records:index(Definitions)},
     {types, migrator_records:types(ReachedTypes, Definitions)},
     {type_index, migrator_records:type_index(Definitions)},
     {variables, migrator_records:variables(Definitions)},
     {callbacks, migrator_clauses:callbacks(Callbacks, Module, Forms, Clauses)},
     {constructions, case lists:member(constructions, Wants) of
         true -> migrator_constructions:constructions(lists:usort(Named ++ ReachedRecords), Forms, Definitions);
         false -> []
     end},
     {type_texts, case lists:member(type_texts, Wants) of
         true -> migrator_records:type_texts(ReachedTypes, Definitions);
         false -> []
     end},
     {uses, case lists:member(uses, Wants) of
         true -> migrator_uses:uses(lists:usort(Named ++ ReachedRecords), Forms, exports(Forms, Options), Clauses, Definitions);
         false -> []
     end}].

%% What there is to know of a module that nobody has asked about yet.
-spec scan(binary()) -> pairs().
scan(Beam) ->
    try migrator_beam:open(Beam) of
        #{forms := Carried, options := Options} ->
            Forms = migrator_forms:eject(Carried),
            migrator_natives:known_here(Forms),
            [Module | _] = [Module || {attribute, _, module, Module} <- Forms],
            Behaviours = behaviours(Forms),
            [{module, Module},
             {file, file(Forms)},
             {behaviours, Behaviours},
             {attributes, attributes(Carried)},
             {candidates, migrator_candidates:candidates(Module, Behaviours, exports(Forms, Options), Forms)},
             {debug_info, present}]
    catch
        throw:{no_debug_info, _} -> scan_without_forms(migrator_beam:chunks_only(Beam))
    end.

%% The chunk with the attributes knows no lines, and holds a value that is no list as a list of one.
scan_without_forms(#{module := Module, attr := Attr, compile_info := CompileInfo}) ->
    Values = [{Name, Value} || {Name, Values} <- Attr, Value <- values(Name, Values)],
    [{module, Module},
     {file, text_or_none(source, CompileInfo)},
     {behaviours, [Value || {Name, Value} <- Values, Name =:= behaviour orelse Name =:= behavior]},
     {attributes, [{Name, Value, none, none} || {Name, Value} <- Values, lists:member(Name, ?OURS)]},
     {candidates, []},
     {debug_info, none}].

values(Name, Values) when Name =:= state_migration; Name =:= state_migrated -> [Values];
values(_, Values) when is_list(Values) -> Values;
values(_, _) -> [].

%% {Name, Value, File, Line} of those that concern us, each in the file that it came from.
attributes(Forms) ->
    {_, Found} = lists:foldl(
        fun({attribute, _, file, {File, _}}, {_, Acc}) ->
                {File, Acc};
           ({attribute, Anno, Name, Value}, {File, Acc}) ->
                case lists:member(Name, ?OURS) of
                    true -> {File, [{Name, Value, migrator_text:text(File), migrator_text:line(Anno)} | Acc]};
                    false -> {File, Acc}
                end;
           (_, Acc) ->
                Acc
        end, {"", []}, Forms),
    lists:reverse(Found).

file(Forms) ->
    case [File || {attribute, _, file, {File, _}} <- Forms] of
        [File | _] -> migrator_text:text(File);
        [] -> none
    end.

behaviours(Forms) ->
    [Name || {attribute, _, Kind, Name} <- Forms, Kind =:= behaviour orelse Kind =:= behavior].

%% As texts: an atom `none` would become null.
names(Functions) ->
    migrator_json:encode([{atom_to_binary(Name), Arity} || {Name, Arity} <- Functions]).

functions(Forms) ->
    [{Name, Arity} || {function, _, Name, Arity, _} <- Forms].

%% In order, each once. With export_all all that is defined is exported.
exports(Forms, Options) ->
    Flags = flags(Forms, Options),
    Named = lists:append([Names || {attribute, _, export, Names} <- Forms]),
    All = case lists:member(export_all, Flags) of
        true -> Named ++ functions(Forms);
        false -> Named
    end,
    {Exports, _} = lists:foldl(fun(Name, {Acc, Seen}) when is_map_key(Name, Seen) -> {Acc, Seen};
                                  (Name, {Acc, Seen}) -> {[Name | Acc], Seen#{Name => true}}
                               end, {[], #{}}, All),
    lists:reverse(Exports).

%% The functions of `erlang` that a bare call does not reach, since their import is switched off.
suppressed(Forms, Options) ->
    Flags = flags(Forms, Options),
    Named = lists:append([Functions || {no_auto_import, Functions} <- Flags, is_list(Functions)]),
    case lists:member(no_auto_import, Flags) of
        true -> [Bif || {Name, Arity} = Bif <- erlang:module_info(exports), erl_internal:bif(Name, Arity)] ++ Named;
        false -> Named
    end.

flags(Forms, Options) ->
    lists:flatten([Options | [Option || {attribute, _, compile, Option} <- Forms]]).

text_or_none(Key, CompileInfo) ->
    case lists:keyfind(Key, 1, CompileInfo) of
        {Key, Text} when is_list(Text) -> migrator_text:text(Text);
        _ -> none
    end.

%% As release_handler_1:get_vsn/1, for this is what code_change gets to see: all -vsn attributes as one
%% list, a string as it stands, a list of one as its element.
vsn(Attr) ->
    case [Value || {vsn, Value} <- Attr] of
        [] -> undefined;
        Values -> vsn_term(lists:append(Values))
    end.

vsn_term([Term] = Vsn) ->
    case is_string(Vsn) of
        true -> Vsn;
        false -> Term
    end;
vsn_term(Vsn) ->
    Vsn.

is_string(Vsn) ->
    lists:all(fun(Char) -> is_integer(Char) andalso Char >= $\s andalso Char =< 255 end, Vsn).
