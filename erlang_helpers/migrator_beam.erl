%% A beam file as data: its chunks in the order of the file, its forms exactly as
%% debug info holds them, and the way back to bytes. Nothing here loads or runs a module.
-module(migrator_beam).

-export([open/1, declarations/1, chunks_only/1, split/1, exports/1, chunk/2, build/2, debug_info_chunk/3]).

-export_type([opened/0, chunks/0]).

-type chunks() :: [{<<_:32>>, binary()}].
-type opened() :: #{module := module(), chunks := chunks(), attr := [term()], compile_info := [term()],
                    md5 := binary(), compressed := boolean(), plain := binary(), gzip_header := binary(), term() => term()}.

%% zlib cannot make more of a byte than this; what claims to is not worth the memory.
-define(BEST_RATIO, 1040).
-define(LARGEST_FILE, 16#20000000).

%% All of the beam. Throws one of the protocol's errors where the abstract code is not to be had.
-spec open(binary()) -> opened().
open(Beam) ->
    Opened = chunks_only(Beam),
    maps:merge(Opened, debug_info(Opened)).

%% The forms that say what types a module declares; Elixir keeps those as Erlang does, and its code in another way.
-spec declarations(binary()) -> [term()].
declarations(Beam) ->
    #{plain := Plain} = Opened = chunks_only(Beam),
    try debug_info(Opened) of
        #{forms := Forms} -> Forms
    catch
        throw:{backend, <<"elixir_erl">>} ->
            case beam_lib:chunks(Plain, [debug_info]) of
                {ok, {_, [{debug_info, {debug_info_v1, elixir_erl, {elixir_v1, #{module := Module}, Declared}}}]}} when is_list(Declared) ->
                    [{attribute, 0, module, Module} | Declared];
                _ -> throw({no_debug_info, <<"this beam has no debug info">>})
            end
    end.

%% The beam without its debug info, for those that have none.
-spec chunks_only(binary()) -> opened().
chunks_only(Beam) ->
    {Inflated, Header} = inflate(Beam),
    Chunks = split(Inflated),
    ok = migrator_bounds:chunks(Chunks),
    Plain = plain(Inflated, Chunks, migrator_otp:legible(Chunks)),
    #{module => module_of(Plain),
      plain => Plain,
      chunks => Chunks,
      attr => list_in(<<"Attr">>, Chunks),
      compile_info => list_in(<<"CInf">>, Chunks),
      md5 => md5(Plain),
      compressed => Header =/= <<>>,
      gzip_header => Header}.

plain(Inflated, Chunks, Chunks) -> Inflated;
plain(_, _, Legible) -> container(Legible).

-spec chunk(binary(), opened() | chunks()) -> binary() | none.
chunk(Id, #{chunks := Chunks}) ->
    chunk(Id, Chunks);
chunk(Id, Chunks) ->
    case lists:keyfind(Id, 1, Chunks) of
        {Id, Content} -> Content;
        false -> none
    end.

%% What the module exports, module_info left out: the compiler adds that by itself.
-spec exports(opened()) -> [{atom(), arity()}].
exports(#{plain := Plain}) ->
    case beam_lib:chunks(Plain, [exports]) of
        {ok, {_, [{exports, Exports}]}} -> [Name || {F, _} = Name <- Exports, F =/= module_info];
        {error, beam_lib, _} -> unreadable(<<"ExpT">>)
    end.

%% The file of these chunks in this order, gzipped as the opened one was.
-spec build(#{gzip_header := binary(), term() => term()}, chunks()) -> binary().
build(#{gzip_header := Header}, Chunks) ->
    deflate(Header, container(Chunks)).

container(Chunks) ->
    Body = << <<Id/binary, (byte_size(Content)):32, Content/binary, 0:(padding(byte_size(Content), 4) * 8)>>
              || {Id, Content} <- Chunks >>,
    <<"FOR1", (byte_size(Body) + 4):32, "BEAM", Body/binary>>.

%% A Dbgi chunk of Forms, written as the opened beam's was. OriginalForms are those without our
%% migration: from their size follows how much of the padding stems from the first compilation.
-spec debug_info_chunk(opened(), [term()], [term()]) -> binary().
debug_info_chunk(#{options := Options, encryption := Encryption, flags := Flags, tail := Tail}, Forms, OriginalForms) ->
    Plain = debug_info_bytes(Forms, Options, Flags),
    case Encryption of
        none ->
            Plain;
        {Mode, Key} ->
            %% The compiler pads with random bytes. They are carried along behind the term (which tells
            %% its own length), so that the same input gives the same bytes and ejecting gives the first ones back.
            Size = byte_size(debug_info_bytes(OriginalForms, Options, Flags)),
            Length = min(padding(Size, 8), byte_size(Tail)),
            Padded = <<Plain/binary, Tail:Length/binary>>,
            Zeros = padding(byte_size(Padded), 8) * 8,
            encrypt(Mode, Key, <<Padded/binary, 0:Zeros>>)
    end.

debug_info_bytes(Forms, Options, Flags) ->
    term_to_binary({debug_info_v1, erl_abstract_code, {Forms, Options}}, Flags).

%% --- the container ---

inflate(<<16#1f, 16#8b, _/binary>> = Gzipped) ->
    Z = zlib:open(),
    try
        ok = zlib:inflateInit(Z, 31),
        Plain = iolist_to_binary(inflate(Z, zlib:safeInflate(Z, Gzipped), 0)),
        ok = zlib:inflateEnd(Z), % fails unless the stream has ended
        {Plain, gzip_header(Gzipped)}
    catch
        error:_ -> damaged("its gzip stream is broken")
    after
        zlib:close(Z)
    end;
inflate(Beam) ->
    {Beam, <<>>}.

inflate(_, {finished, Output}, _) ->
    Output;
inflate(_, {continue, _}, Size) when Size > ?LARGEST_FILE ->
    damaged("unpacked it is larger than any beam");
inflate(_, {continue, []}, _) ->
    damaged("its gzip stream is cut off");
inflate(Z, {continue, Output}, Size) ->
    [Output | inflate(Z, zlib:safeInflate(Z, []), Size + iolist_size(Output))].

%% Kept, since it tells the level and the system that packed it. One that also holds a
%% file name is replaced by the plain one.
gzip_header(<<Header:10/binary, _/binary>>) ->
    case Header of
        <<_:3/binary, 0, _/binary>> -> Header;
        _ -> <<16#1f, 16#8b, 8, 0:48, 3>>
    end.

deflate(<<>>, Plain) ->
    Plain;
deflate(<<_:8/binary, Speed, _>> = Header, Plain) ->
    Level = case Speed of 2 -> 9; 4 -> 1; _ -> default end,
    Z = zlib:open(),
    try
        ok = zlib:deflateInit(Z, Level, deflated, -15, 8, default),
        Packed = zlib:deflate(Z, Plain, finish),
        iolist_to_binary([Header, Packed, <<(erlang:crc32(Plain)):32/little, (byte_size(Plain)):32/little>>])
    after
        zlib:close(Z)
    end.

-spec split(binary()) -> chunks().
split(<<"FOR1", Size:32, "BEAM", Rest/binary>>) when Size - 4 =< byte_size(Rest), Size >= 4 ->
    case byte_size(Rest) - (Size - 4) of
        0 -> distinct(split_chunks(Rest));
        _ -> damaged("there is more in the file than in the beam")
    end;
split(<<"FOR1", _:32, "BEAM", _/binary>>) ->
    damaged("the file is cut off");
split(_) ->
    throw({not_a_beam, <<"this is not a beam file">>}).

split_chunks(<<Id:4/binary, Size:32, Rest/binary>>) when Size =< byte_size(Rest) ->
    <<Content:Size/binary, More/binary>> = Rest,
    Padding = min(padding(Size, 4), byte_size(More)),
    <<_:Padding/binary, Next/binary>> = More,
    [{Id, Content} | split_chunks(Next)];
split_chunks(<<>>) ->
    [];
split_chunks(_) ->
    damaged("a chunk is cut off").

distinct(Chunks) ->
    Ids = [Id || {Id, _} <- Chunks],
    case Ids -- lists:usort(Ids) of
        [] -> Chunks;
        [Twice | _] -> damaged(io_lib:format("it has two chunks ~p", [Twice]))
    end.

padding(Size, Block) ->
    (Block - Size rem Block) rem Block.

module_of(Plain) ->
    try beam_lib:info(Plain) of
        {error, beam_lib, _} -> damaged("its chunks cannot be read");
        Info -> proplists:get_value(module, Info)
    catch
        error:_ ->
            %% A module of OTP 29 that has native records: its table of atoms is one that OTP 28 brought.
            [throw({native, list_to_binary(erlang:system_info(otp_release))}) || {<<"Recs">>, _} <- split(Plain)],
            damaged("its atoms cannot be read")
    end.

md5(Plain) ->
    case beam_lib:md5(Plain) of
        {ok, {_, Md5}} -> Md5;
        {error, beam_lib, _} -> damaged("it lacks chunks that every beam has")
    end.

list_in(Id, Chunks) ->
    case chunk(Id, Chunks) of
        none ->
            [];
        Content ->
            {List, _} = decode(Id, Content),
            is_list(List) andalso length_or_none(List) =/= none orelse unreadable(Id),
            List
    end.

length_or_none(List) ->
    try length(List) catch error:badarg -> none end.

%% --- terms in chunks ---

decode(Id, Content) ->
    believable(Content) orelse unreadable(Id),
    ok = migrator_bounds:term(Id, Content),
    try binary_to_term(Content, [used]) catch error:_ -> unreadable(Id) end.

believable(<<131, 80, Size:32, Packed/binary>>) ->
    Size =< ?BEST_RATIO * (byte_size(Packed) + 1);
believable(_) ->
    true.

-spec unreadable(binary()) -> no_return().
unreadable(Id) ->
    damaged(io_lib:format("its chunk ~s cannot be read", [Id])).

-spec damaged(iodata()) -> no_return().
damaged(Why) ->
    throw({damaged, unicode:characters_to_binary(["this beam is damaged: ", Why])}).

%% --- debug info ---

%% Before OTP 20 the abstract code stood in another chunk, without the options.
debug_info(#{module := Module, compile_info := Info} = Opened) ->
    {Id, Chunk} = case chunk(<<"Dbgi">>, Opened) of
        none -> {<<"Abst">>, chunk(<<"Abst">>, Opened)};
        Dbgi -> {<<"Dbgi">>, Dbgi}
    end,
    Options = case lists:keyfind(options, 1, Info) of {options, Recorded} when is_list(Recorded) -> Recorded; _ -> [] end,
    case Chunk of
        Nothing when Nothing =:= none; Nothing =:= <<>> ->
            throw({no_debug_info, <<"this beam has no debug info">>});
        <<0, Length, Mode:Length/binary, Encrypted/binary>> ->
            {Key, Plain} = decrypt(Mode, Module, Encrypted),
            (debug_info_from(Plain, Options, fun wrong_key/0))#{encryption => {des3_cbc, Key}};
        Plain ->
            (debug_info_from(Plain, Options, fun() -> unreadable(Id) end))#{encryption => none}
    end.

debug_info_from(Plain, Recorded, Otherwise) ->
    believable(Plain) orelse Otherwise(),
    ok = migrator_bounds:term(<<"Dbgi">>, Plain),
    {Term, Used} = try binary_to_term(Plain, [used]) catch error:_ -> Otherwise() end,
    case Term of
        {debug_info_v1, erl_abstract_code, {none, _}} ->
            throw({no_debug_info, <<"this beam was compiled without debug info">>});
        {debug_info_v1, erl_abstract_code, {Forms, Options}} when is_list(Forms), is_list(Options) ->
            #{forms => Forms, options => Options, flags => flags(Plain), tail => binary:part(Plain, Used, byte_size(Plain) - Used)};
        {raw_abstract_v1, Forms} when is_list(Forms) ->
            #{forms => Forms, options => Recorded, flags => flags(Plain), tail => <<>>};
        {debug_info_v1, Backend, _} when is_atom(Backend), Backend =/= erl_abstract_code ->
            throw({backend, atom_to_binary(Backend)});
        _ ->
            unreadable(<<"Dbgi">>)
    end.

flags(<<131, 80, _/binary>>) -> [compressed];
flags(_) -> [].

%% --- encryption, as beam_lib and compile do it ---

decrypt(<<"des3_cbc">>, Module, Encrypted) ->
    start_crypto(),
    case beam_lib:get_crypto_key({debug_info, des3_cbc, Module, []}) of
        Key when is_list(Key) -> {Key, crypt(Key, Encrypted, false)};
        _ -> throw({encrypted, <<"the debug info is encrypted, and .erlang.crypt holds no key for this module">>})
    end;
decrypt(Mode, _, _) ->
    throw({encrypted, <<"the debug info is encrypted in a way that this Erlang does not know: ", Mode/binary>>}).

encrypt(des3_cbc, Key, Padded) ->
    start_crypto(),
    <<0, 8, "des3_cbc", (crypt(Key, Padded, true))/binary>>.

crypt(Key, Bytes, Encrypt) ->
    try
        {des3_cbc, Keys, Vector, 8} = beam_lib:make_crypto_key(des3_cbc, Key),
        %% By apply: an Erlang without crypto is one that we serve too.
        apply(crypto, crypto_one_time, [des_ede3_cbc, Keys, Vector, Bytes, Encrypt])
    catch
        error:_ -> wrong_key()
    end.

start_crypto() ->
    try apply(crypto, start, []) of
        _ -> ok
    catch
        error:_ -> throw({encrypted, <<"the debug info is encrypted, and this Erlang has no crypto application to read it with">>})
    end.

-spec wrong_key() -> no_return().
wrong_key() ->
    throw({encrypted, <<"the debug info is encrypted, and the key in .erlang.crypt does not fit">>}).
