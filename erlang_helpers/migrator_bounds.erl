%% What a file may ask of the node before anything in it is decoded. Erlang never frees an atom, and a few bytes can ask for
%% any number of atoms, or for all the memory there is. Nothing here makes an atom or a term of what it looks at.
-module(migrator_bounds).

-export([chunks/1, term/2, text/2]).

%% A node of OTP's own settings has room for 1,048,576 atoms: what names more could run nowhere.
-define(MOST_ATOMS, 1000000).
%% Of all files of a run. Beyond it the node (see `+t` in otp.py) has room for what is decoded at the same time.
-define(ALL_ATOMS, 4000000).
%% Bytes of one chunk when it is unpacked. The largest of 2,807 beams of Debian has 6.3 MB.
-define(LARGEST_CHUNK, 16#8000000).
%% Words that a chunk's term takes: 512 MB.
-define(MOST_WORDS, 16#4000000).
%% What is smaller can do no harm and is not looked through: this many bytes make up to 64 MB of terms.
-define(SMALL, 16#400000).
%% An atom of its own has so many bytes on average at least, its tag and its length among them: few have short names.
-define(ATOM, 4).

%% Throws where the chunks that OTP's own libraries decode whole ask for too much.
-spec chunks(migrator_beam:chunks()) -> ok.
chunks(Chunks) ->
    [named(Id, Content) || {Id, Content} <- Chunks, Id =:= <<"AtU8">> orelse Id =:= <<"Atom">>],
    [literals(Content) || {<<"LitT">>, Content} <- Chunks],
    ok.

named(Id, Content) ->
    Most = byte_size(Content) div 2,
    room(Id, Most, fun() -> chunk_names(Content, Most) end).

%% OTP 28 gives the number of atoms below zero, and writes the length of each as the loader's own numbers.
chunk_names(<<Count:32/signed, Names/binary>>, Most) when Count >= 0 -> names(Names, #{}, Most);
chunk_names(_, Most) -> {#{}, Most}.

names(<<Size, Name:Size/binary, Rest/binary>>, Names, Most) -> names(Rest, Names#{Name => []}, Most);
names(<<>>, Names, _) -> {Names, 0};
names(_, _, Most) -> {#{}, Most}.

%% OTP 28 packs no literals, and says so by a size of 0.
literals(<<0:32, Plain/binary>>) -> each_literal(Plain);
literals(<<_:32, Packed/binary>>) -> each_literal(inflated(<<"LitT">>, Packed));
literals(_) -> ok.

each_literal(<<_:32, Literals/binary>>) ->
    room(<<"LitT">>, byte_size(Literals) div ?ATOM, fun() -> literal_atoms(Literals, #{}) end);
each_literal(_) ->
    ok.

literal_atoms(<<Size:32, Literal:Size/binary, Rest/binary>>, Atoms) when map_size(Atoms) =< ?MOST_ATOMS ->
    case Literal of
        <<131, Plain/binary>> -> literal_atoms(Rest, element(1, skim(Plain, 1, Atoms, 0)));
        _ -> literal_atoms(Rest, Atoms)
    end;
literal_atoms(_, Atoms) ->
    {Atoms, 0}.

%% A chunk that is one term in the external format. What is larger than it says it is, binary_to_term refuses.
-spec term(binary(), binary()) -> ok.
term(Id, <<131, 80, Size:32, Packed/binary>>) ->
    term(Id, Size, fun() -> inflated(Id, Packed) end);
term(Id, <<131, Plain/binary>>) ->
    term(Id, byte_size(Plain), fun() -> Plain end);
term(_, _) ->
    ok.

term(Id, Size, _) when Size > ?LARGEST_CHUNK -> too_large(Id, Size);
term(Id, Size, Plain) when Size > ?SMALL -> looked_through(Id, Plain());
term(Id, Size, Plain) -> room(Id, Size div ?ATOM, fun() -> atoms_in(Plain()) end).

%% Text that Erlang's scanner makes atoms of: a name and what parts it from the next.
-spec text(binary(), binary()) -> ok.
text(What, Text) ->
    Most = byte_size(Text) div 3,
    room(What, Most, fun() -> {#{}, Most} end).

looked_through(Id, Plain) ->
    {_, Words, _} = Seen = skim(Plain, 1, #{}, 0),
    Words > ?MOST_WORDS andalso too_large(Id, Words * 8),
    room(Id, atoms_of(Seen), fun() -> atoms_of(Seen) end).

atoms_in(Plain) -> atoms_of(skim(Plain, 1, #{}, 0)).

atoms_of({Atoms, _, Rest}) -> {Atoms, byte_size(Rest) div ?ATOM}.

%% `Exactly` gives the names, and how many more there may be in what was not looked at.
room(Id, Rough, Exactly) ->
    Known = erlang:system_info(atom_count),
    case Rough =< ?MOST_ATOMS andalso Known + Rough =< ?ALL_ATOMS of
        true ->
            ok;
        false ->
            {Names, Unseen} = Exactly(),
            map_size(Names) + Unseen > ?MOST_ATOMS andalso too_many(Id, "more than 1,000,000 atoms"),
            %% A beam is read more than once, and what the node knows takes no room again.
            New = unknown(maps:keys(Names), Unseen),
            Known + New > ?ALL_ATOMS andalso
                too_many(Id, io_lib:format("up to ~w new atoms, and the files before it named ~w", [New, Known])),
            ok
    end.

%% A loop: each exception makes garbage, and the collector would look through a million frames time and again.
unknown([Name | Names], Count) ->
    case is_known(Name) of
        true -> unknown(Names, Count);
        false -> unknown(Names, Count + 1)
    end;
unknown([], Count) ->
    Count.

is_known(Name) ->
    try binary_to_existing_atom(Name, utf8) of
        _ -> true
    catch
        error:_ -> false
    end.

-spec too_many(binary(), iodata()) -> no_return().
too_many(Id, What) ->
    throw({atoms, io_lib:format("its ~s names ~s", [Id, What])}).

-spec too_large(binary(), non_neg_integer()) -> no_return().
too_large(Id, Size) ->
    throw({too_large, io_lib:format("its ~s would take ~w MB", [Id, Size bsr 20])}).

%% --- unpacking ---

%% No more of it than allowed; nothing where it is broken, which whoever decodes it says better.
inflated(Id, Packed) ->
    Z = zlib:open(),
    try
        ok = zlib:inflateInit(Z),
        iolist_to_binary(inflated(Id, Z, zlib:safeInflate(Z, Packed), 0))
    catch
        error:_ -> <<>>
    after
        zlib:close(Z)
    end.

inflated(Id, _, _, Size) when Size > ?LARGEST_CHUNK -> too_large(Id, Size);
inflated(Id, Z, {continue, [_ | _] = Output}, Size) ->
    [Output | inflated(Id, Z, zlib:safeInflate(Z, []), Size + iolist_size(Output))];
inflated(_, _, {_, Output}, _) ->
    Output.

%% --- the external format, without making terms ---

%% The names of the atoms, about how many words, and the bytes that were not looked at; it ends once it is too much.
skim(_, _, Atoms, Words) when map_size(Atoms) > ?MOST_ATOMS; Words > ?MOST_WORDS ->
    {Atoms, Words, <<>>};
skim(Bytes, Pending, Atoms, Words) when Pending > 0 ->
    case Bytes of
        <<97, _, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words);
        <<98, _:32, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words);
        <<106, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words);
        <<119, Size, Name:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms#{Name => []}, Words);
        <<115, Size, Name:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms#{Name => []}, Words);
        <<118, Size:16, Name:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms#{Name => []}, Words);
        <<100, Size:16, Name:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms#{Name => []}, Words);
        <<104, Size, Rest/binary>> -> skim(Rest, Pending - 1 + Size, Atoms, Words + Size + 1);
        <<105, Size:32, Rest/binary>> -> skim(Rest, Pending - 1 + Size, Atoms, Words + Size + 1);
        <<108, Size:32, Rest/binary>> -> skim(Rest, Pending + Size, Atoms, Words + 2 * Size);
        <<107, Size:16, _:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words + 2 * Size);
        <<109, Size:32, _:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words + 6 + Size div 8);
        <<77, Size:32, _, _:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words + 8 + Size div 8);
        <<116, Size:32, Rest/binary>> -> skim(Rest, Pending - 1 + 2 * Size, Atoms, Words + 5 + 3 * Size);
        <<70, _:64, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words + 2);
        <<99, _:31/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words + 2);
        <<110, Size, _, _:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words + 2 + Size div 8);
        <<111, Size:32, _, _:Size/binary, Rest/binary>> -> skim(Rest, Pending - 1, Atoms, Words + 2 + Size div 8);
        <<113, Rest/binary>> -> skim(Rest, Pending + 2, Atoms, Words + 2);
        %% A compiler writes no other: pids, ports and funs of a node. Each byte of what is left may be anything.
        Rest -> {Atoms, Words + 2 * byte_size(Rest), Rest}
    end;
skim(_, _, Atoms, Words) ->
    {Atoms, Words, <<>>}.
