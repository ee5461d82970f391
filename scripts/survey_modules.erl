%% Makes the two modules of a survey's row: the state record as the data gives it, and all that it mentions and that is
%% unknown as a stub. What `erl_lint` finds missing is added; a default or a type that still does not compile is left out.
-module(survey_modules).
-export([make_all/3, stubs/2, values/1]).

%% Rounds of lint after which a row is given up: each adds or takes out something.
-define(ROUNDS, 60).

%% Writes Name.beam into both folders for each row; gives the texts that had to be left out, or why there is no beam.
make_all(Rows, OldFolder, NewFolder) ->
    survey_node:in_parallel(fun(Row) -> made(Row, OldFolder, NewFolder) end, Rows).

made(Row, OldFolder, NewFolder) ->
    try
        {Old, New, LeftOut} = modules(Row, []),
        write(OldFolder, Row, compiled(Old)),
        write(NewFolder, Row, compiled(New)),
        {made, LeftOut}
    catch
        throw:Why -> {not_made, unicode:characters_to_binary(io_lib:format("~tp", [Why]))}
    end.

%% Writes modules with these functions, which give a mark of their own; those of a project that the data do not have.
stubs(Functions, Folder) ->
    Modules = maps:groups_from_list(fun({M, _, _}) -> M end, fun({_, F, A}) -> {F, A} end, lists:usort(Functions)),
    [ok = file:write_file(filename:join(unicode:characters_to_list(Folder), atom_to_list(Module) ++ ".beam"), compiled(stub(Module, Names)))
     || {Module, Names} <- maps:to_list(Modules)],
    ok.

stub(Module, Names) ->
    [{attribute, 1, module, Module}, {attribute, 1, export, Names}] ++ [function(F, A, {tuple, 1, [{atom, 1, survey_stub}, {atom, 1, F}]}) || {F, A} <- Names].

write(Folder, Row, Beam) ->
    File = filename:join(unicode:characters_to_list(Folder), atom_to_list(element(1, Row)) ++ ".beam"),
    ok = file:write_file(File, Beam).

%% The values of both records' defaults, and of what init gives to the new one's fields without needing anything: maps
%% {OldDefaults, NewDefaults, Given} from a field to two evaluations, since some give another value each time.
values(Row) ->
    {Old, New, _} = modules(Row, [oracle]),
    load(survey_old, Old),
    load(survey_new, New),
    Asked = [{survey_old, survey_default}, {survey_new, survey_default}, {survey_new, survey_given}],
    First = [told(Module, Function) || {Module, Function} <- Asked],
    % Long enough for every clock to go on.
    timer:sleep(2),
    Second = [told(Module, Function) || {Module, Function} <- Asked],
    Twice = fun({Ones, Others}) -> maps:map(fun(Field, One) -> {One, maps:get(Field, Others)} end, Ones) end,
    list_to_tuple([Twice(Each) || Each <- lists:zip(First, Second)]).

told(Module, Function) ->
    maps:from_list([{Field, survey_node:stubbed(Module, Function, [Field])} || Field <- Module:Function({fields})]).

load(Name, [File, {attribute, L, module, _} | Forms]) ->
    survey_node:load(Name, compiled([File, {attribute, L, module, Name} | Forms])).

compiled(Forms) ->
    case compile:forms(Forms, [binary, debug_info, return_errors]) of
        {ok, _, Beam} -> Beam;
        {error, Errors, _} -> throw({does_not_compile, Errors})
    end.

%% --- from texts to two modules that compile ---

modules({_, _, _, Old, New, Nested, _} = Row, Options) ->
    {Pieces, Unread} = survey_text:pieces(element(1, Row), [{old, Old}, {new, New}]),
    Unbuilt = case New of {_, _, unknown} -> #{unbuilt => true}; _ -> #{} end,
    Env = Unbuilt#{
        records => #{}, types => #{}, functions => #{}, variables => [], left_out => Unread, pieces => Pieces,
        known => [N || {N, _, _} <- Nested], options => Options
    },
    mended(Row, Env, ?ROUNDS).

mended(_, _, 0) ->
    throw(no_end_of_mending);
mended(Row, Env, Rounds) ->
    Both = [forms(Side, Row, Env) || Side <- [old, new]],
    case lists:append([errors(Forms) || Forms <- Both]) of
        [] -> [Old, New] = Both, {Old, New, maps:get(left_out, Env)};
        Errors -> mended(Row, lists:foldl(fun mend/2, Env, Errors), Rounds - 1)
    end.

errors(Forms) ->
    case erl_lint:module(Forms, "row.erl", []) of
        {ok, _} -> [];
        {error, Errors, _} -> [Error || {_, Found} <- Errors, Error <- Found]
    end.

mend({_, _, {undefined_type, {Name, Arity}}}, Env) ->
    add(types, {Name, Arity}, stub_type(Name, Arity, Env), Env);
mend({_, _, {undefined_record, Name}}, Env) ->
    add(records, Name, [], Env);
mend({Line, _, {undefined_field, Name, Field}}, #{records := Records} = Env) ->
    case Records of
        #{Name := Fields} -> Env#{records := Records#{Name := lists:usort([Field | Fields])}};
        #{} -> leave_out(Line, undefined_field, Env)
    end;
mend({_, _, {undefined_function, {Name, Arity}}}, Env) ->
    add(functions, {Name, Arity}, stub, Env);
mend({Line, _, {unbound_var, Name}}, #{variables := Variables, pieces := Pieces} = Env) ->
    case survey_text:kind(Line, Pieces) of
        init -> Env#{variables := lists:usort([Name | Variables])};
        _ -> leave_out(Line, unbound_variable, Env)
    end;
mend({Line, _, Why}, Env) ->
    leave_out(Line, Why, Env).

add(Key, Name, Value, Env) ->
    maps:update_with(Key, fun(Map) -> Map#{Name => Value} end, Env).

leave_out(Line, Why, #{pieces := Pieces, left_out := LeftOut} = Env) ->
    case survey_text:kind(Line, Pieces) of
        none ->
            % Two errors of one text: the first took it out.
            lists:keymember(Line, 1, LeftOut) orelse throw({nothing_to_leave_out, Line, Why}),
            Env;
        init ->
            What = unicode:characters_to_binary(io_lib:format("init ~tp", [Why])),
            Env#{pieces := survey_text:unknown(Line, Pieces), left_out := [{Line, What} | LeftOut]};
        Kind ->
            What = unicode:characters_to_binary(io_lib:format("~tp ~tp", [Kind, Why])),
            Env#{pieces := survey_text:without(Line, Pieces), left_out := [{Line, What} | LeftOut]}
    end.

%% A type of the old language, one that is called as a record, or one of which nothing is known.
stub_type(dict, 0, _) -> remote(dict, dict, []);
stub_type(queue, 0, _) -> remote(queue, queue, []);
stub_type(set, 0, _) -> remote(sets, set, []);
stub_type(gb_tree, 0, _) -> remote(gb_trees, tree, []);
stub_type(gb_set, 0, _) -> remote(gb_sets, set, []);
stub_type(array, 0, _) -> remote(array, array, []);
stub_type(digraph, 0, _) -> remote(digraph, graph, []);
stub_type(tid, 0, _) -> remote(ets, tid, []);
stub_type(Name, Arity, #{known := Known}) ->
    case lists:member(Name, Known) of
        true when Arity =:= 0 -> {type, 1, record, [{atom, 1, Name}]};
        _ -> remote(survey_unknown, Name, [{var, 1, variable(N)} || N <- lists:seq(1, Arity)])
    end.

remote(Module, Name, Arguments) -> {remote_type, 1, [{atom, 1, Module}, {atom, 1, Name}, Arguments]}.

variable(N) -> list_to_atom("A" ++ integer_to_list(N)).

%% --- the forms ---

forms(Side, {Name, Behaviour, Change, Old, New, Nested, Decisions}, Env) ->
    {Record, Fields, _} = case Side of old -> Old; new -> New end,
    #{records := Records, types := Types, functions := Functions, options := Options} = Env,
    Said = case Side of old -> []; new -> Decisions end,
    lists:append([
        [{attribute, 1, file, {"row.erl", 1}}, {attribute, 1, module, Name}],
        [{attribute, 1, compile, export_all}, {attribute, 1, behaviour, Behaviour}],
        [{attribute, 1, record, {R, [{record_field, 1, {atom, 1, F}} || F <- Fs]}} || {R, Fs} <- maps:to_list(Records)],
        [{attribute, 1, record, {R, [{record_field, 1, {atom, 1, F}} || F <- nested(Side, O, N)]}} || {R, O, N} <- Nested],
        [{attribute, 1, type, {T, Body, [{var, 1, variable(I)} || I <- lists:seq(1, A)]}} || {{T, A}, Body} <- maps:to_list(Types)],
        record(Side, Record, Fields, Env),
        said(Side, Record),
        [survey_text:said(Text) || Text <- Said],
        [function(F, A, {tuple, 1, [{atom, 1, survey_stub}, {atom, 1, F}]}) || {F, A} <- maps:keys(Functions)],
        survey_text:init(Side, Behaviour, Record, Env),
        change(Behaviour, Change, Record),
        helpers(Side, Behaviour, Record, Fields, Options, Env),
        callbacks(Behaviour),
        % Two versions of real code never have the same checksum.
        [function(survey_side, 0, {atom, 1, Side}), {eof, 9}]
    ]).

nested(old, Old, _) -> Old;
nested(new, _, New) -> New.

%% A state that is no record any more has a type; of one that was none before, the old module says nothing.
said(_, Record) when Record =/= none -> [{attribute, 1, state_record, Record}];
said(old, none) -> [];
said(new, none) -> [{attribute, 1, type, {survey_kind, {type, 1, map, any}, []}}, {attribute, 1, state_type, survey_kind}].

record(_, none, _, _) -> [];
record(Side, Record, Fields, #{pieces := Pieces}) ->
    Numbered = lists:zip(lists:seq(1, length(Fields)), Fields),
    [{attribute, 1, record, {Record, [survey_text:field(Side, N, F, Pieces) || {N, {F, _, _}} <- Numbered]}}].

function(Name, Arity, Body) ->
    {function, 1, Name, Arity, [{clause, 1, [{var, 1, '_'} || _ <- lists:seq(1, Arity)], [], [Body]}]}.

%% What a decision of the survey calls, and for the oracle the values that are expected.
helpers(Side, Behaviour, Record, Fields, Options, Env) ->
    Pair = {tuple, 1, [{atom, 1, survey_up}, {var, 1, 'V'}]},
    [
        {function, 1, survey_up, 1, [{clause, 1, [{var, 1, 'V'}], [], [Pair]}]},
        {function, 1, survey_down, 1, [{clause, 1, [Pair], [], [{var, 1, 'V'}]}]},
        function(survey_made, 0, {atom, 1, survey_made})
    ] ++ [Form || Side =:= new, Form <- whole(Record, Fields)] ++ [function(callback_mode, 0, {atom, 1, state_functions}) || Behaviour =:= gen_statem] ++
        [Form || lists:member(oracle, Options), Form <- oracle(Side, Fields, Env)].

oracle(Side, Fields, #{pieces := Pieces, variables := Variables}) ->
    Given = [{F, Value} || {F, Value} <- survey_text:given(Pieces), not survey_text:mentions(Variables, Value)],
    [table(survey_default, survey_text:defaults(Side, Fields, Pieces))] ++
        [table(survey_given, case Side of new -> Given; old -> [] end)].

%% The whole state by hand: into a map that holds it, or into the bare record from what `survey_node` starts with.
whole(none, _) ->
    Map = fun(Field) -> {map, 1, [{Field, 1, {atom, 1, survey}, {var, 1, 'S'}}]} end,
    [
        {function, 1, survey_whole_up, 1, [{clause, 1, [{var, 1, 'S'}], [], [Map(map_field_assoc)]}]},
        {function, 1, survey_whole_down, 1, [{clause, 1, [Map(map_field_exact)], [], [{var, 1, 'S'}]}]}
    ];
whole(Record, Fields) ->
    New = list_to_tuple([Record | [undefined || _ <- Fields]]),
    [
        {function, 1, survey_whole_up, 1, [{clause, 1, [abstract(survey_other)], [], [abstract(New)]}]},
        {function, 1, survey_whole_down, 1, [{clause, 1, [abstract(New)], [], [abstract(survey_other)]}]}
    ].

abstract(survey_other) -> erl_parse:abstract({survey_other, old}, 1);
abstract(Term) -> erl_parse:abstract(Term, 1).

table(Name, Pairs) ->
    Names = lists:foldr(fun({F, _}, Tail) -> {cons, 1, {atom, 1, F}, Tail} end, {nil, 1}, Pairs),
    Clauses = [{clause, 1, [{atom, 1, F}], [], [Value]} || {F, Value} <- Pairs, F =/= fields],
    {function, 1, Name, 1, Clauses ++ [{clause, 1, [{tuple, 1, [{atom, 1, fields}]}], [], [Names]}]}.

%% A default can send its process something.
callbacks(gen_statem) -> [function(ready, 3, {atom, 1, keep_state_and_data})];
callbacks(gen_fsm) ->
    Result = {tuple, 1, [{atom, 1, next_state}, {var, 1, 'Name'}, {var, 1, 'Data'}]},
    [{function, 1, handle_info, 3, [{clause, 1, [{var, 1, '_'}, {var, 1, 'Name'}, {var, 1, 'Data'}], [], [Result]}]}];
callbacks(Behaviour) ->
    Tag = case Behaviour of gen_event -> ok; _ -> noreply end,
    Result = {tuple, 1, [{atom, 1, Tag}, {var, 1, 'State'}]},
    [{function, 1, handle_info, 2, [{clause, 1, [{var, 1, '_'}, {var, 1, 'State'}], [], [Result]}]}].

change(_, absent, _) -> [];
change(Behaviour, Change, Record) ->
    State = {var, 1, 'State'},
    Pattern =
        case Change of
            pattern when Record =/= none -> {match, 1, {record, 1, Record, []}, State};
            _ -> State
        end,
    Vsn = {var, 1, '_'},
    case lists:member(Behaviour, [gen_statem, gen_fsm]) of
        true -> [change([Vsn, {var, 1, 'Name'}, Pattern, Vsn], [{atom, 1, ok}, {var, 1, 'Name'}, State])];
        false -> [change([Vsn, Pattern, Vsn], [{atom, 1, ok}, State])]
    end.

change(Arguments, Result) ->
    {function, 1, code_change, length(Arguments), [{clause, 1, Arguments, [], [{tuple, 1, Result}]}]}.
