%% Puts edits into a beam: out with what an earlier run put in, compile, and every chunk that the
%% compiler does not make from forms comes back from the beam as it was.
-module(migrator_splice).

-export([splice/2, digest/1, own_exports/1, made_by_compiler/1]).

-spec splice(binary(), [term()]) -> binary().
splice(Beam, Edits) ->
    #{forms := Before} = Opened = migrator_beam:open(Beam),
    Forms = migrator_forms:eject(Before),
    case migrator_forms:edit(Forms, Edits) of
        Before ->
            %% It carries the very same already: compiled from these forms, and proved, when it was put in.
            Beam;
        Edited ->
            build(Opened, Forms, Edited)
    end.

build(Opened, Forms, Edited) ->
    Made = compile(Opened, Forms, Edited),
    Debug = migrator_beam:debug_info_chunk(Opened, Edited, Forms),
    Chunks = [case Id of
                  <<"Attr">> -> {Id, attributes(Opened, Content, Edited)};
                  <<"Dbgi">> -> {Id, Debug};
                  _ -> {Id, Content}
              end || {Id, Content} <- chunks(Opened, Made)],
    migrator_beam:build(Opened, Chunks).

%% {Md5, Compiler, Source}: beam_lib:md5/1 of the beam as it was before an earlier run put something in, `none` where
%% that cannot be known; the compiler's version; and a checksum of the forms without their places, which is the same
%% whatever compiler made code of them. Each is `none` where the beam does not tell it.
-spec digest(binary()) -> {binary() | none, binary() | none, binary() | none}.
digest(Beam) ->
    #{attr := Attr, compile_info := Info} = Chunks = migrator_beam:chunks_only(Beam),
    Compiler = case lists:keyfind(version, 1, Info) of
        {version, Version} -> unicode:characters_to_binary(Version);
        false -> none
    end,
    try migrator_beam:open(Beam) of
        #{forms := Forms} ->
            Own = migrator_forms:eject(Forms),
            {own_md5(Beam, Chunks, Own, Own =:= Forms), Compiler, erlang:md5(term_to_binary([migrator_text:bare(Form) || Form <- Own, counts(Form)]))}
    catch
        throw:_ ->
            {case lists:keymember(state_migrated, 1, Attr) of
                 true -> made_vsn(Attr);
                 false -> maps:get(md5, Chunks)
             end, Compiler, none}
    end.

own_md5(_, #{md5 := Md5}, _, true) ->
    Md5;
own_md5(Beam, #{attr := Attr}, Own, false) ->
    Written = [vsn || {attribute, _, vsn, _} <- Own],
    case made_vsn(Attr) of
        Md5 when is_binary(Md5), Written =:= [] -> Md5;
        _ -> maps:get(md5, migrator_beam:chunks_only(splice(Beam, [])))
    end.

%% A vsn of the compiler's own making is the checksum of the code, and stays when something is put in. Without debug info,
%% where nothing can be taken out, only it tells what the module was.
made_vsn(Attr) ->
    case lists:keyfind(vsn, 1, Attr) of
        {vsn, [Vsn]} when is_integer(Vsn), Vsn > 16#ffffffffffffffff, Vsn < 1 bsl 128 -> <<Vsn:128>>;
        _ -> none
    end.

counts({attribute, _, file, _}) -> false;
counts({attribute, _, compile, _}) -> false;
counts({attribute, _, _, _}) -> true;
counts({function, _, _, _, _}) -> true;
counts(_) -> false.

%% The module's exports without those of our making.
-spec own_exports(migrator_beam:opened()) -> [{atom(), arity()}].
own_exports(#{forms := Forms} = Opened) ->
    case migrator_forms:migrated(Forms) of
        none -> migrator_beam:exports(Opened);
        #{exported := Exported} -> migrator_beam:exports(Opened) -- Exported
    end.

compile(Opened, Forms, Edited) ->
    Own = own_exports(Opened),
    case migrator_compile:compile(Opened, Edited, Own ++ exported(Edited)) of
        {ok, Made} ->
            Made;
        {error, Text} when Edited =:= Forms ->
            throw({compile, Text});
        {error, Text} ->
            %% Whose fault is it? Only where the module's own forms compile is it ours.
            case migrator_compile:compile(Opened, Forms, Own) of
                {ok, _} -> throw({functions, Text});
                {error, OwnText} -> throw({compile, OwnText})
            end
    end.

exported(Forms) ->
    case migrator_forms:migrated(Forms) of
        none -> [];
        #{exported := Exported} -> Exported
    end.

%% --- chunks ---

%% The order is that of the file. Only tables that a module may do without can come in newly, behind
%% the chunk that the compiler has them behind.
chunks(#{chunks := Chunks}, Made) ->
    Kept = [Chunk || {_, Content} = Chunk <- [from(Made, Chunk) || Chunk <- Chunks], Content =/= gone],
    insert_new(Made, none, Kept).

%% A table that we do not know of (of a later OTP) speaks of the code's atoms and literals: the compiler's own fits.
from(Made, {Id, Content}) ->
    case lists:member(Id, [<<"Attr">>, <<"CInf">>, <<"Dbgi">>, <<"Abst">>, <<"Docs">>, <<"Meta">>]) of
        true -> {Id, Content};
        false ->
            Otherwise = case made_by_compiler(Id) of true -> gone; false -> Content end,
            {Id, proplists:get_value(Id, Made, Otherwise)}
    end.

insert_new([{Id, Content} | Made], Previous, Chunks) ->
    case lists:keymember(Id, 1, Chunks) of
        true -> insert_new(Made, Id, Chunks);
        false ->
            case lists:member(Id, [<<"FunT">>, <<"LitT">>, <<"Type">>]) of
                true -> insert_new(Made, Id, insert_behind(Previous, {Id, Content}, Chunks));
                false -> insert_new(Made, Previous, Chunks)
            end
    end;
insert_new([], _, Chunks) ->
    Chunks.

insert_behind(Previous, New, [{Previous, _} = Chunk | Chunks]) -> [Chunk, New | Chunks];
insert_behind(Previous, New, [Chunk | Chunks]) -> [Chunk | insert_behind(Previous, New, Chunks)];
insert_behind(_, New, []) -> [New].

%% Chunks that follow from the forms alone.
-spec made_by_compiler(binary()) -> boolean().
made_by_compiler(Id) ->
    lists:member(Id, [<<"AtU8">>, <<"Atom">>, <<"Code">>, <<"StrT">>, <<"ImpT">>, <<"ExpT">>, <<"FunT">>, <<"LitT">>,
                      <<"LocT">>, <<"Line">>, <<"Type">>, <<"Recs">>, <<"DbgB">>]).

%% The raw term: beam_lib's view of it is sorted and merged.
attributes(#{attr := Attributes, forms := Before}, Content, Edited) ->
    case {migrator_forms:migrated(Before), migrator_forms:migrated(Edited)} of
        {Same, Same} -> Content;
        {Old, New} -> term_to_binary((Attributes -- attribute(Old)) ++ attribute(New))
    end.

attribute(none) -> [];
attribute(#{term := Term}) -> [{state_migrated, Term}].
