%% Compiles, loads and calls what a user's own tests are about. For a throw-away node only: all of it runs code of theirs.
-module(migrator_trial).

-export([compile/3, load/3, value/1, convert/3]).

%% Compiles a source file into a folder, with debug info and these options (the text of a list); gives the module's name.
-spec compile(binary(), binary(), binary()) -> {ok, binary()} | {error, binary()}.
compile(Path, Folder, Options) ->
    migrator_evaluate:throw_away(),
    File = unicode:characters_to_list(Path),
    case term(Options) of
        {ok, Given} when is_list(Given) ->
            All = [return_errors, debug_info, {outdir, unicode:characters_to_list(Folder)}, {i, filename:dirname(File)} | Given],
            case compile:file(File, All) of
                {ok, Module} -> {ok, atom_to_binary(Module, utf8)};
                {ok, Module, _} -> {ok, atom_to_binary(Module, utf8)};
                {error, Errors, _} -> {error, said(Errors)};
                error -> {error, <<"the compiler does not say why">>}
            end;
        {ok, _} -> {error, <<"erl_opts is a list">>};
        {error, Text} -> {error, Text}
    end.

said(Errors) ->
    text([[io_lib:format("~ts:~ts: ~ts~n", [File, place(Place), Module:format_error(What)]) || {Place, Module, What} <- Each]
          || {File, Each} <- Errors]).

place({Line, Column}) -> io_lib:format("~w:~w", [Line, Column]);
place(Place) -> io_lib:format("~w", [Place]).

%% Loads a beam from its bytes, and adds folders where the modules that it calls are.
-spec load(atom(), binary(), [binary()]) -> ok | {error, binary()}.
load(Module, Beam, Folders) ->
    migrator_evaluate:throw_away(),
    ok = code:add_pathsz([unicode:characters_to_list(Each) || Each <- Folders]),
    _ = code:purge(Module),
    case code:load_binary(Module, atom_to_list(Module) ++ ".beam", Beam) of
        {module, Module} -> ok;
        {error, Why} -> {error, text(io_lib:format("~tp", [Why]))}
    end.

%% What an expression gives.
-spec value(binary()) -> {ok, term()} | {error, binary()}.
value(Text) ->
    migrator_evaluate:throw_away(),
    try
        {ok, Tokens} = scanned(Text),
        {ok, Expressions} = parsed(erl_parse:parse_exprs(Tokens)),
        {value, Value, _} = erl_eval:exprs(Expressions, erl_eval:new_bindings()),
        {ok, Value}
    catch
        throw:{wrong, Why} -> {error, Why};
        error:{unbound_var, Name} -> {error, text(io_lib:format("variable ~ts is unbound", [Name]))};
        %% Since OTP 29 with a name that is bound and much like it.
        error:{unbound_var, Name, _} -> {error, text(io_lib:format("variable ~ts is unbound", [Name]))};
        Class:Reason -> {error, text(io_lib:format("~tp: ~tp", [Class, Reason]))}
    end.

term(Text) ->
    try
        {ok, Tokens} = scanned(Text),
        parsed(erl_parse:parse_term(Tokens))
    catch
        throw:{wrong, Why} -> {error, Why}
    end.

scanned(Text) ->
    case erl_scan:string(unicode:characters_to_list(Text) ++ " .") of
        {ok, Tokens, _} -> {ok, Tokens};
        {error, {_, Module, What}, _} -> throw({wrong, text(Module:format_error(What))})
    end.

parsed({ok, _} = Parsed) -> Parsed;
parsed({error, {_, Module, What}}) -> throw({wrong, text(Module:format_error(What))}).

%% What a conversion function answers; a thrown value is an answer, as it is to a gen_server.
-spec convert(atom(), atom(), [term()]) -> {answer, term()} | {raised, binary()}.
convert(Module, Function, Arguments) ->
    migrator_evaluate:throw_away(),
    try {answer, apply(Module, Function, Arguments)}
    catch
        throw:Thrown -> {answer, Thrown};
        Class:Reason:Stack -> {raised, text(erl_error:format_exception(Class, Reason, Stack, #{format_fun => fun brief/2}))}
    end.

brief(Term, _) -> io_lib:format("~tP", [Term, 12]).

text(Text) -> unicode:characters_to_binary(Text).
