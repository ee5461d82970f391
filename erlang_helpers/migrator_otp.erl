%% What differs from one OTP release to the next: what the one that this node runs on has (it is the one on which the new beam
%% will run), and what it cannot read, print or compile of beams that a later one made.
-module(migrator_otp).

-export([missing/1, known/1, legible/1, printable/1, expanded/3, either/1]).

%% Of these functions those that this OTP does not have: {Module, Text, Why}, where Why is `function` when it has their
%% module, else `module` (which may well be one of the release's own). Nothing is loaded: a module that is not in use
%% yet is asked by its file.
-spec missing([{module(), atom(), arity()}]) -> [{module(), binary(), function | module}].
missing(Called) ->
    [{Module, unicode:characters_to_binary(io_lib:format("~tw:~tw/~w", [Module, Name, Arity])), Why}
     || {Module, Name, Arity} <- Called, Why <- lacks(Module, {Name, Arity})].

lacks(Module, Function) ->
    case exports(Module) of
        unknown -> [module];
        Exports -> [function || not lists:member(Function, Exports)]
    end.

exports(Module) ->
    case erlang:module_loaded(Module) of
        true -> Module:module_info(exports);
        false ->
            case code:where_is_file(atom_to_list(Module) ++ ".beam") of
                non_existing -> unknown;
                File -> in_file(File)
            end
    end.

in_file(File) ->
    case beam_lib:chunks(File, [exports]) of
        {ok, {_, [{exports, Exports}]}} -> Exports;
        {error, beam_lib, _} -> unknown
    end.

%% Those of these modules that are OTP's own, as it is installed here.
-spec known([module()]) -> [module()].
known(Modules) ->
    Libraries = code:lib_dir() ++ "/",
    [Module || Module <- Modules, is_otp(code:which(Module), Libraries)].

is_otp(preloaded, _) -> true;
is_otp(File, Libraries) when is_list(File) -> lists:prefix(Libraries, File);
is_otp(_, _) -> false.

%% --- beams ---

%% The same chunks for this OTP's beam_lib. Since OTP 28 the lengths of atoms are compact numbers, which is told by a negative count.
-spec legible([{<<_:32>>, binary()}]) -> [{<<_:32>>, binary()}].
legible(Chunks) ->
    case lists:keyfind(<<"AtU8">>, 1, Chunks) of
        {Id, <<Count:32/signed, Atoms/binary>>} when Count < 0 ->
            case reads_long_atoms() of
                true -> Chunks;
                false -> lists:keyreplace(Id, 1, Chunks, {Id, <<(-Count):32, (short_atoms(-Count, Atoms))/binary>>})
            end;
        _ ->
            Chunks
    end.

reads_long_atoms() -> list_to_integer(erlang:system_info(otp_release)) >= 28.

%% One of more than 255 bytes cannot be told in the older way: it is cut. Of a damaged table what there is of it is given.
short_atoms(Count, Bytes) when Count > 0 ->
    case Bytes of
        <<Size:4, 0:4, Atom:Size/binary, Rest/binary>> -> <<Size, Atom/binary, (short_atoms(Count - 1, Rest))/binary>>;
        <<High:3, 1:2, 0:3, Low, Rest/binary>> when byte_size(Rest) >= High * 256 + Low ->
            <<Atom:(High * 256 + Low)/binary, More/binary>> = Rest,
            Kept = cut(Atom),
            <<(byte_size(Kept)), Kept/binary, (short_atoms(Count - 1, More))/binary>>;
        _ -> <<>>
    end;
short_atoms(_, _) ->
    <<>>.

cut(Atom) when byte_size(Atom) =< 255 -> Atom;
cut(Atom) -> cut(binary:part(Atom, 0, last_start(Atom, byte_size(Atom) - 1))).

%% Where the last character begins.
last_start(Text, At) ->
    case binary:at(Text, At) band 16#C0 of
        16#80 -> last_start(Text, At - 1);
        _ -> At
    end.

%% --- source ---

%% The same expression or type for this OTP's printer, which prints variables as they stand. Replaced are atoms that a later
%% OTP, or a feature, reserves, and comprehensions that it does not know.
-spec printable(term()) -> term().
printable({atom, Anno, Word}) when Word =:= 'maybe'; Word =:= 'else' -> {var, Anno, [$', atom_to_list(Word), $']};
printable({Literal, _, _} = Node) when Literal =:= atom; Literal =:= string; Literal =:= char; Literal =:= integer; Literal =:= var -> Node;
%% Names that the printer wants to be atoms.
printable({record_field, _, _} = Node) -> Node;
printable({record_field, Anno, Name, Value}) -> {record_field, Anno, Name, printable(Value)};
printable({record_field, Anno, Of, Record, Name}) -> {record_field, Anno, printable(Of), Record, Name};
printable({record_index, _, _, _} = Node) -> Node;
printable({'fun', _, {function, _, _}} = Node) -> Node;
printable({Kind, Anno, Each, Qualifiers}) when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    Simple = {Kind, Anno, printable(Each), printable(Qualifiers)},
    case not is_list(Each) andalso prints(Simple) of
        true -> Simple;
        false -> {var, Anno, comprehension(Simple)}
    end;
printable(Node) when is_tuple(Node) -> list_to_tuple(printable(tuple_to_list(Node)));
printable([Node | Nodes]) -> [printable(Node) | printable(Nodes)];
printable(Other) -> Other.

%% What it does not know it either fails on or prints in a way of its own.
prints(Expr) ->
    try lists:flatten(erl_pp:expr(Expr)) of
        Printed -> string:find(Printed, "INVALID-FORM:") =:= nomatch
    catch
        error:_ -> false
    end.

comprehension({Kind, _, Each, Qualifiers}) ->
    {Open, Close} = case Kind of lc -> {"[", "]"}; bc -> {"<<", ">>"}; mc -> {"#{", "}"} end,
    Templates = if is_list(Each) -> Each; true -> [Each] end,
    lists:flatten([Open, listed(Templates, ", "), " || ", listed(Qualifiers, ", "), Close]).

listed(Nodes, Between) -> lists:join(Between, [part(Node) || Node <- Nodes]).

part({zip, _, Generators}) -> listed(Generators, " && ");
part({map_field_assoc, _, Key, Value}) -> [part(Key), " => ", part(Value)];
part({map_field_exact, _, Key, Value}) -> [part(Key), " := ", part(Value)];
part({Generator, _, Pattern, Source} = Node) ->
    case lists:keyfind(Generator, 1, [{generate, " <- "}, {generate_strict, " <:- "}, {b_generate, " <= "}, {b_generate_strict, " <:= "},
                                      {m_generate, " <- "}, {m_generate_strict, " <:- "}]) of
        {_, Arrow} -> [part(Pattern), Arrow, part(Source)];
        false -> printed(Node)
    end;
part(Node) -> printed(Node).

%% Layout is the only thing that the printer writes a newline for.
printed(Expr) ->
    re:replace(erl_pp:expr(Expr, [{encoding, utf8}, {linewidth, 100000}]), " *\\n *", " ", [global, unicode, {return, list}]).

%% The functions without record syntax, by the compiler's own pass; `unknown` in the place of one that is written in a way that
%% this OTP's compiler does not know. Known are the others in Forms.
-spec expanded([term()], [term()], [term()]) -> [term()].
expanded(Forms, Functions, Options) ->
    try erl_expand_records:module(Forms ++ Functions, Options -- [dialyzer]) of
        Expanded -> lists:nthtail(length(Expanded) - length(Functions), Expanded)
    catch
        error:_ when length(Functions) =:= 1 -> [unknown];
        error:_ -> lists:append([expanded(Forms, [Function], Options) || Function <- Functions])
    end.

%% What Parse gives; where it refuses, what it gives when `maybe` and `else` are read in the other way. They are keywords since
%% OTP 27, before that with a feature, and then a text of another OTP may mean the atoms.
-spec either(fun((ScanOptions :: [term()]) -> Parsed)) -> Parsed.
either(Parse) ->
    try
        Parse([])
    catch
        throw:Refused ->
            try Parse([{reserved_word_fun, fun reserved_otherwise/1}])
            catch throw:_ -> throw(Refused)
            end
    end.

reserved_otherwise(Word) when Word =:= 'maybe'; Word =:= 'else' ->
    {ok, [Token | _], _} = erl_scan:string(atom_to_list(Word)),
    element(1, Token) =:= atom;
reserved_otherwise(Word) ->
    erl_scan:reserved_word(Word).
