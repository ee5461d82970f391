%% Loads the variant of a beam that is tried: nothing runs when it is loaded, all functions can be called, and the module's own conversion function
%% is replaced by a probe.
-module(migrator_verify_load).

-export([load/4, facts/1]).

-type name() :: {atom(), arity()}.
-type callback() :: {atom(), arity(), pos_integer(), pos_integer(), pos_integer(), [pos_integer()], returned | thrown}.

%% The name under which it is loaded.
-spec load(binary(), callback(), name() | none, [binary()]) -> module().
load(Beam, Callback, Own, Folders) ->
    #{module := Module, forms := Forms} = Opened = migrator_beam:open(Beam),
    Beside = beside([unicode:characters_to_list(Each) || Each <- Folders]),
    [forgotten(Before) || {{?MODULE, facts, Before}, _} <- persistent_term:get()],
    Name = name(Module, Forms, Beside),
    Tried = [renamed(Form, Module, Name) || Form <- probed(without_start(Forms), Own)],
    Exports = [{F, A} || {function, _, F, A, _} <- Tried],
    Binary = compiled(Opened, pruned(Tried, Callback, Own, maps:remove(atom_to_list(Module), Beside)), Tried, Exports),
    unloaded(Name),
    {module, Name} = code:load_binary(Name, "tried", Binary),
    persistent_term:put({?MODULE, facts, Name}, told({Module, Name}, Callback, Own, Tried, Exports)),
    Name.

%% The modules in these folders, with where they lie; the folders are on the code path from here on.
beside(Folders) ->
    case persistent_term:get({?MODULE, beside}, none) of
        {Folders, Modules} ->
            Modules;
        _ ->
            ok = code:add_pathsz(Folders),
            Found = [{filename:basename(File, ".beam"), filename:join(Folder, File)}
                     || Folder <- lists:reverse(Folders), {ok, Files} <- [file:list_dir(Folder)], File <- Files, filename:extension(File) =:= ".beam"],
            Modules = maps:from_list(Found),
            persistent_term:put({?MODULE, beside}, {Folders, Modules}),
            Modules
    end.

%% What was tried before is for those that come after it what lies there: all of it, with its own code_change.
forgotten(Name) ->
    persistent_term:erase({?MODULE, facts, Name}),
    unloaded(Name).

unloaded(Name) ->
    _ = code:purge(Name),
    _ = code:delete(Name),
    _ = code:purge(Name),
    ok.

%% What is known of a module that was loaded.
-spec facts(module()) -> map().
facts(Module) ->
    case persistent_term:get({?MODULE, facts, Module}, none) of
        none -> throw({request, <<"this module was not loaded to be tried">>});
        Facts -> Facts
    end.

told({OwnName, Module}, {Function, Arity, State, OldVsn, Extra, Reply, Taken}, Own, Forms, Exports) ->
    #{function => Function, arity => Arity, state => State, vsn => OldVsn, extra => Extra, reply => Reply, taken => Taken,
      module => Module, own_name => OwnName, own => Own,
      defined => maps:from_list([{Name, []} || Name <- Exports]),
      imports => maps:from_list([{Name, From} || {attribute, _, import, {From, Names}} <- Forms, Name <- Names]),
      reads => migrator_verify_reads:keys(Forms),
      records => [Form || {attribute, _, record, _} = Form <- Forms],
      natives => maps:from_list([{Named, Module} || {attribute, _, native_record, {Named, _}} <- Forms]
                                ++ [{Named, From} || {attribute, _, import_record, {From, Names}} <- Forms, Named <- Names])}.

%% Its own, unless the node has another module of that name, loaded or not: then one that no one writes by hand. Native records keep their module's name: of
%% a module that declares such it is its own. Throws {untried, Text} where this node itself needs the other module.
name(Module, Forms, Beside) ->
    Other = code:which(Module),
    IsOther = Other =/= non_existing andalso (is_needed_here(Other) orelse Other =/= maps:get(atom_to_list(Module), Beside, none)),
    case [native || {attribute, _, native_record, _} <- Forms] of
        _ when not IsOther -> Module;
        [] -> list_to_atom(lists:sublist(atom_to_list(Module), 200) ++ " that is tried");
        _ ->
            case is_needed_here(Other) of
                true -> throw({untried, atom_to_binary(Module, utf8)});
                false -> Module
            end
    end.

is_needed_here(Other) when is_atom(Other) -> true;
is_needed_here(Path) ->
    Ours = [code:root_dir(), filename:dirname(code:which(?MODULE))],
    lists:any(fun(Folder) -> lists:prefix(filename:split(Folder), filename:split(Path)) end, Ours).

%% --- forms ---

without_start(Forms) ->
    [Form || Form <- Forms, not is_start(Form)].

is_start({attribute, _, on_load, _}) -> true;
is_start(_) -> false.

probed(Forms, none) ->
    Forms;
probed(Forms, {Name, Arity}) ->
    [case Form of
         {function, Position, Name, Arity, _} -> {function, Position, Name, Arity, [probe(Arity)]};
         _ -> Form
     end || Form <- Forms].

%% (A1, A2, A3) -> migrator_verify_call:answer([A1, A2, A3]).
probe(Arity) ->
    Variables = [{var, 0, list_to_atom("A" ++ integer_to_list(N))} || N <- lists:seq(1, Arity)],
    List = lists:foldr(fun(Variable, Tail) -> {cons, 0, Variable, Tail} end, {nil, 0}, Variables),
    Function = {remote, 0, {atom, 0, migrator_verify_call}, {atom, 0, answer}},
    {clause, 0, Variables, [], [{call, 0, Function, [List]}]}.

renamed(Form, Name, Name) -> Form;
renamed({attribute, Position, module, _}, _, New) -> {attribute, Position, module, New};
renamed({attribute, Position, record, {Name, Fields}}, Old, New) -> {attribute, Position, record, {Name, calls(Fields, Old, New)}};
renamed({function, Position, Name, Arity, Clauses}, Old, New) -> {function, Position, Name, Arity, calls(Clauses, Old, New)};
renamed(Form, _, _) -> Form.

%% Calls by the module's own name mean this variant of it.
calls({remote, Position, {atom, At, Old}, Name}, Old, New) ->
    {remote, Position, {atom, At, New}, calls(Name, Old, New)};
calls({'fun', Position, {function, {atom, At, Old}, Name, Arity}}, Old, New) ->
    {'fun', Position, {function, {atom, At, New}, Name, Arity}};
calls(Tuple, Old, New) when is_tuple(Tuple) -> list_to_tuple(calls(tuple_to_list(Tuple), Old, New));
calls([First | Rest], Old, New) -> [calls(First, Old, New) | calls(Rest, Old, New)];
calls(Other, _, _) -> Other.

%% Without the functions that nothing of ours leads to: in a large module they are most of what there is to compile. A function stays where its name
%% stands in one that stays, whatever it means there; and those that decisions name, though what was generated may have lost them.
%% All is kept where the functions that stay speak of modules that lie beside it: these may call back what nothing here calls.
pruned(Forms, Callback, Own, Beside) ->
    Functions = [{F, Form} || {function, _, F, _, _} = Form <- Forms],
    Ours = [F || {F, _} <- migrator_forms:ours(Forms)],
    Attributes = [Term || {attribute, _, Kind, Term} <- Forms, lists:member(Kind, [state_migrated, state_migration, record, native_record])],
    Roots = maps:keys(atoms([element(1, Callback), Ours, Attributes | [element(1, Own) || Own =/= none]], #{})),
    Kept = kept(Roots, maps:groups_from_list(fun({F, _}) -> F end, fun({_, Form}) -> Form end, Functions), #{}),
    Spoken = atoms([Form || {Name, Form} <- Functions, is_map_key(Name, Kept)], #{}),
    case lists:any(fun(Atom) -> is_map_key(atom_to_list(Atom), Beside) end, maps:keys(Spoken)) of
        true -> Forms;
        false -> [Form || Form <- Forms, needed(Form, Kept)]
    end.

kept([Name | Names], Functions, Kept) when is_map_key(Name, Functions), not is_map_key(Name, Kept) ->
    kept(maps:keys(atoms(maps:get(Name, Functions), #{})) ++ Names, Functions, Kept#{Name => []});
kept([_ | Names], Functions, Kept) ->
    kept(Names, Functions, Kept);
kept([], _, Kept) ->
    Kept.

atoms(Atom, Seen) when is_atom(Atom) -> Seen#{Atom => []};
atoms(Tuple, Seen) when is_tuple(Tuple) -> atoms(tuple_to_list(Tuple), Seen);
atoms([First | Rest], Seen) -> atoms(Rest, atoms(First, Seen));
atoms(Map, Seen) when is_map(Map) -> atoms(maps:to_list(Map), Seen);
%% A decision may stand in a text: the names in it count too.
atoms(Text, Seen) when is_binary(Text) -> lists:foldl(fun(Word, All) -> All#{Word => []} end, Seen, words(Text));
atoms(_, Seen) -> Seen.

words(Text) ->
    case erl_scan:string(migrator_verify_text:characters(Text)) of
        {ok, Tokens, _} -> [Name || {atom, _, Name} <- Tokens];
        _ -> []
    end.

needed({function, _, Name, _, _}, Kept) -> is_map_key(Name, Kept);
needed({attribute, _, Name, _}, _) -> 
    lists:member(Name, [module, file, record, native_record, import_record, export_record, type, opaque, nominal, import, compile]);
needed(_, _) -> true.

%% --- compiling ---

compiled(#{options := Recorded} = Opened, Pruned, Whole, Exports) ->
    Left = [{F, A} || {function, _, F, A, _} <- Pruned],
    Options = [return_errors, binary, no_spawn_compiler_process | meant(Recorded)],
    case compile:noenv_forms(exporting(Left, bare(Pruned)), Options) of
        {ok, _, Beam} ->
            Beam;
        _ ->
            case migrator_compile:compile(Opened, exporting(Exports, without_exports(Whole)), Exports) of
                {ok, Chunks} -> migrator_beam:build(Opened#{gzip_header := <<>>}, Chunks);
                {error, Text} -> throw({compile, Text})
            end
    end.

exporting(Names, [{attribute, Position, module, _} = Module | Rest]) ->
    [Module, {attribute, Position, export, Names} | Rest];
exporting(Names, [Form | Rest]) ->
    [Form | exporting(Names, Rest)].

without_exports(Forms) ->
    [Form || Form <- Forms, not is_export(Form)].

is_export({attribute, _, export, _}) -> true;
is_export({attribute, _, compile, export_all}) -> true;
is_export(_) -> false.

%% Of the options only what the code means may hang on.
bare(Forms) ->
    [case Form of
         {attribute, Position, compile, Options} -> {attribute, Position, compile, meant(lists:flatten([Options]))};
         _ -> Form
     end || Form <- Forms].

meant(Options) ->
    [Option || Option <- Options, lists:member(key(Option), [no_auto_import, tuple_calls, nowarn_undefined_function])].

key(Tuple) when is_tuple(Tuple), tuple_size(Tuple) > 0 -> element(1, Tuple);
key(Option) -> Option.
