%% Makes renames: from real beams, two versions of a module whose state record differs in fields with other names, and in
%% fields that only one version has. For rename_evidence.py, which starts it in a node of its own.
-module(rename_evidence_make).

-export([main/1]).

%% erl -noshell -run rename_evidence_make main SEED OUT JOBS; JOBS has lines `OLD<tab>NEW`, of beams. For each that
%% serves a folder OUT/N has old/M.beam, new/M.beam and `truth`: the record, then a line `old<tab>new` for each rename.
main([Seed, Out, Jobs]) ->
    {ok, Text} = file:read_file(Jobs),
    Lines = [string:split(Line, "\t") || Line <- string:lexemes(unicode:characters_to_list(Text), "\n")],
    Words = lists:usort(lists:append([words(New) || [_, New] <- Lines])),
    _ = rand:seed(exsss, list_to_integer(Seed)),
    _ = [made(filename:join(Out, integer_to_list(N)), Old, New, Words) || {N, [Old, New]} <- lists:zip(lists:seq(1, length(Lines)), Lines)],
    halt(0).

forms(Path) ->
    case beam_lib:chunks(Path, [abstract_code]) of
        {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} -> Forms;
        _ -> []
    end.

records(Forms) -> [{Name, [field(Field) || Field <- Fields]} || {attribute, _, record, {Name, Fields}} <- Forms, is_atom(Name)].

field({typed_record_field, Field, _}) -> field(Field);
field({record_field, _, {atom, _, Name}}) -> Name;
field({record_field, _, {atom, _, Name}, _}) -> Name.

words(Path) -> lists:append([Fields || {_, Fields} <- records(forms(Path))]).

made(Folder, OldPath, NewPath, Words) ->
    {Old, New} = {forms(OldPath), forms(NewPath)},
    case chosen(Old, New) of
        none -> ok;
        {Record, Fields} ->
            Shuffled = shuffle(Fields),
            Renames = rand:uniform(3),
            {Renamed, Rest} = lists:split(min(Renames, length(Shuffled) div 3), Shuffled),
            {Removed, Others} = lists:split(min(rand:uniform(3) - 1, length(Rest) div 3), Rest),
            {Added, _} = lists:split(min(rand:uniform(3) - 1, length(Others) div 3), Others),
            Taken = words(OldPath) ++ words(NewPath),
            Names = lists:sublist(shuffle(Words -- Taken), length(Renamed)),
            Before = without(Record, Added, Old),
            After = moved(Record, renamed(Record, lists:zip(Renamed, Names), without(Record, Removed, New))),
            case {compiled(Before), compiled(After)} of
                {{ok, Module, One}, {ok, _, Two}} ->
                    written(filename:join([Folder, "old", atom_to_list(Module) ++ ".beam"]), One),
                    written(filename:join([Folder, "new", atom_to_list(Module) ++ ".beam"]), Two),
                    Truth = [[atom_to_list(F), "\t", atom_to_list(T), "\n"] || {F, T} <- lists:zip(Renamed, Names)],
                    written(filename:join(Folder, "truth"), unicode:characters_to_binary([atom_to_list(Record), "\n" | Truth]));
                _ -> ok
            end
    end.

written(Path, Content) ->
    ok = filelib:ensure_dir(Path),
    ok = file:write_file(Path, Content).

%% The record that both have and that the code speaks of most, with the fields that both have and the code uses.
chosen(Old, New) ->
    Before = maps:from_list(records(Old)),
    Found = [{uses(Name, New), Name, [F || F <- Fields, lists:member(F, maps:get(Name, Before)), used(Name, F, New), used(Name, F, Old)]}
             || {Name, Fields} <- records(New), is_map_key(Name, Before)],
    case lists:reverse(lists:sort([{Uses, Name, Fields} || {Uses, Name, Fields} <- Found, Uses >= 10, length(Fields) >= 4])) of
        [{_, Name, Fields} | _] -> {Name, Fields};
        [] -> none
    end.

uses(Record, Forms) -> length([Field || {_, Field} <- named(Record, Forms)]).
used(Record, Field, Forms) -> lists:keymember(Field, 2, named(Record, Forms)).

named(Record, Forms) -> named(Record, [Form || {function, _, _, _, _} = Form <- Forms], []).

named(Record, {record, _, Record, Fields}, Acc) -> named(Record, Fields, in(Fields) ++ Acc);
named(Record, {record, _, Of, Record, Fields}, Acc) -> named(Record, [Of, Fields], in(Fields) ++ Acc);
named(Record, {record_field, _, Of, Record, {atom, _, Field}}, Acc) -> named(Record, Of, [{read, Field} | Acc]);
named(Record, Tuple, Acc) when is_tuple(Tuple) -> named(Record, tuple_to_list(Tuple), Acc);
named(Record, [First | Rest], Acc) -> named(Record, Rest, named(Record, First, Acc));
named(_, _, Acc) -> Acc.

in(Fields) -> [{in, Field} || {record_field, _, {atom, _, Field}, _} <- Fields].

shuffle(List) -> [Each || {_, Each} <- lists:sort([{rand:uniform(), Each} || Each <- List])].

compiled(Forms) ->
    try compile:forms(Forms, [debug_info, return_errors, nowarn_everything]) of
        {ok, Module, Beam} -> {ok, Module, Beam};
        {ok, Module, Beam, _} -> {ok, Module, Beam};
        _ -> error
    catch _:_ -> error
    end.

%% --- other names ---

renamed(Record, Names, Forms) -> [rename(Form, Record, Names) || Form <- Forms].

rename({attribute, A, record, {Record, Fields}}, Record, Names) ->
    {attribute, A, record, {Record, [declared(Field, Names) || Field <- rename(Fields, Record, Names)]}};
rename({record, A, Record, Fields}, Record, Names) -> {record, A, Record, assigned(Fields, Record, Names)};
rename({record, A, Of, Record, Fields}, Record, Names) -> {record, A, rename(Of, Record, Names), Record, assigned(Fields, Record, Names)};
rename({record_field, A, Of, Record, Field}, Record, Names) -> {record_field, A, rename(Of, Record, Names), Record, other(Field, Names)};
rename({record_index, A, Record, Field}, Record, Names) -> {record_index, A, Record, other(Field, Names)};
rename({type, A, record, [{atom, _, Record} = Name | Fields]}, Record, Names) ->
    {type, A, record, [Name | [{type, B, field_type, [other(Field, Names), Type]} || {type, B, field_type, [Field, Type]} <- Fields]]};
rename(Tuple, Record, Names) when is_tuple(Tuple) -> list_to_tuple(rename(tuple_to_list(Tuple), Record, Names));
rename([First | Rest], Record, Names) -> [rename(First, Record, Names) | rename(Rest, Record, Names)];
rename(Other, _, _) -> Other.

declared({typed_record_field, Field, Type}, Names) -> {typed_record_field, declared(Field, Names), Type};
declared({record_field, A, Name}, Names) -> {record_field, A, other(Name, Names)};
declared({record_field, A, Name, Default}, Names) -> {record_field, A, other(Name, Names), Default}.

assigned(Fields, Record, Names) ->
    [{record_field, A, other(Name, Names), rename(Value, Record, Names)} || {record_field, A, Name, Value} <- Fields].

other({atom, A, Name}, Names) -> {atom, A, proplists:get_value(Name, Names, Name)};
other(Other, _) -> Other.

%% The new version's fields in another order, half of the time.
moved(Record, Forms) ->
    case rand:uniform(2) of
        1 -> Forms;
        2 -> [case Form of
                  {attribute, A, record, {Record, Fields}} -> {attribute, A, record, {Record, shuffle(Fields)}};
                  _ -> Form
              end || Form <- Forms]
    end.

%% --- fields that are not there ---

%% The module without those fields: what is read of them is `undefined`, what they are given is not.
without(_, [], Forms) -> Forms;
without(Record, Fields, Forms) -> [leave_out(Form, Record, Fields) || Form <- Forms].

leave_out({attribute, A, record, {Record, Declared}}, Record, Fields) ->
    {attribute, A, record, {Record, [Each || Each <- Declared, not lists:member(field(Each), Fields)]}};
leave_out({function, A, Name, Arity, Clauses}, Record, Fields) ->
    {function, A, Name, Arity, [begin
         {Left, Bound} = cut(Clause, Record, Fields, []),
         substituted(Left, Bound)
     end || Clause <- Clauses]};
leave_out({type, A, record, [{atom, _, Record} = Name | Types]}, Record, Fields) ->
    {type, A, record, [Name | [Type || {type, _, field_type, [{atom, _, Field}, _]} = Type <- Types, not lists:member(Field, Fields)]]};
leave_out(Tuple, Record, Fields) when is_tuple(Tuple) -> list_to_tuple(leave_out(tuple_to_list(Tuple), Record, Fields));
leave_out([First | Rest], Record, Fields) -> [leave_out(First, Record, Fields) | leave_out(Rest, Record, Fields)];
leave_out(Other, _, _) -> Other.

cut({record, A, Record, Values}, Record, Fields, Acc) ->
    {Kept, Gone} = parted(Values, Fields),
    {Left, Bound} = cut(Kept, Record, Fields, Acc),
    {{record, A, Record, Left}, [Name || {record_field, _, _, {var, _, Name}} <- Gone, Name =/= '_'] ++ Bound};
cut({record, A, Of, Record, Values}, Record, Fields, Acc) ->
    {Kept, _} = parted(Values, Fields),
    {[NewOf, Left], Bound} = cut([Of, Kept], Record, Fields, Acc),
    {{record, A, NewOf, Record, Left}, Bound};
cut({record_field, A, Of, Record, {atom, _, Field} = Name}, Record, Fields, Acc) ->
    case lists:member(Field, Fields) of
        true -> {{atom, A, undefined}, Acc};
        false ->
            {Left, Bound} = cut(Of, Record, Fields, Acc),
            {{record_field, A, Left, Record, Name}, Bound}
    end;
cut({record_index, A, Record, {atom, _, Field}} = Index, Record, Fields, Acc) ->
    {case lists:member(Field, Fields) of true -> {integer, A, 1}; false -> Index end, Acc};
cut(Tuple, Record, Fields, Acc) when is_tuple(Tuple) ->
    {Left, Bound} = cut(tuple_to_list(Tuple), Record, Fields, Acc),
    {list_to_tuple(Left), Bound};
cut([First | Rest], Record, Fields, Acc) ->
    {One, Found} = cut(First, Record, Fields, Acc),
    {Others, Bound} = cut(Rest, Record, Fields, Found),
    {[One | Others], Bound};
cut(Other, _, _, Acc) -> {Other, Acc}.

parted(Values, Fields) ->
    lists:partition(fun({record_field, _, {atom, _, Field}, _}) -> not lists:member(Field, Fields); (_) -> true end, Values).

%% A variable that a field was matched with and nothing else binds.
substituted(Clause, []) -> Clause;
substituted({var, A, Name} = Var, Names) ->
    case lists:member(Name, Names) of true -> {atom, A, undefined}; false -> Var end;
substituted(Tuple, Names) when is_tuple(Tuple) -> list_to_tuple(substituted(tuple_to_list(Tuple), Names));
substituted([First | Rest], Names) -> [substituted(First, Names) | substituted(Rest, Names)];
substituted(Other, _) -> Other.
