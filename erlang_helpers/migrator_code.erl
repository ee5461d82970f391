%% The machine code of a beam, function by function, in a form that is equal where the code does the same from the
%% same lines: without what only tells where something stands in the file.
-module(migrator_code).

-export([functions/2]).

-type name() :: {atom(), arity()}.

-record(context, {module :: module(), names :: fun((name()) -> name()), lines :: tuple(), strings :: binary(),
                  lambdas :: #{non_neg_integer() => name()}}).

%% The functions, under the names that Names gives them; so are calls of them in the code.
-spec functions(migrator_beam:opened(), fun((name()) -> name())) -> #{name() => [term()]}.
functions(#{module := Module, plain := Plain} = Opened, Names) ->
    case try beam_disasm:file(Plain) catch exit:_ -> unreadable end of
        {beam_file, Module, _, _, _, Functions} ->
            Lambdas = maps:from_list([Lambda || {function, _, _, _, Code} <- Functions, Instruction <- Code, Lambda <- lambda(Instruction)]),
            Context = #context{module = Module, names = Names, lines = lines(Opened), strings = strings(Opened), lambdas = Lambdas},
            maps:from_list([{Names({Name, Arity}), instructions(Code, Context)} || {function, Name, Arity, _, Code} <- Functions]);
        _ ->
            throw({damaged, <<"this beam's code cannot be read">>})
    end.

strings(Opened) ->
    case migrator_beam:chunk(<<"StrT">>, Opened) of
        none -> <<>>;
        Strings -> Strings
    end.

%% --- instructions ---

%% Where a fun stands in its table.
lambda({make_fun3, {_, Name, Arity}, Index, _, _, _}) -> [{Index, {Name, Arity}}];
lambda({make_fun2, {_, Name, Arity}, Index, _, _}) -> [{Index, {Name, Arity}}];
lambda(_) -> [].

instructions(Listed, Context) ->
    %% The disassembler lists what comes before func_info in another order for the module's first function.
    {Head, Body} = lists:splitwith(fun(Instruction) -> element(1, Instruction) =/= func_info end, Listed),
    Code = lists:sort(Head) ++ Body,
    Labels = maps:from_list(numbered([Label || {label, Label} <- Code], 1)),
    [instruction(Instruction, Labels, Context) || Instruction <- Code].

numbered([Label | Rest], N) -> [{Label, N} | numbered(Rest, N + 1)];
numbered([], _) -> [].

instruction({label, Label}, Labels, _) ->
    {label, maps:get(Label, Labels)};
instruction({line, N}, _, Context) ->
    {line, line(N, Context)};
instruction({executable_line, N, Id}, _, Context) ->
    {executable_line, line(N, Context), Id};
instruction({executable_line, [N, Id]}, _, Context) ->
    {executable_line, line(N, Context), Id};
instruction({func_info, Module, {atom, Name}, Arity}, _, Context) ->
    {func_info, Module, name(Name, Arity, Context)};
instruction({Call, Live, {Module, Name, Arity}}, _, #context{module = Module} = Context) when Call =:= call; Call =:= call_only ->
    {Call, Live, name(Name, Arity, Context)};
instruction({call_last, Live, {Module, Name, Arity}, Frame}, _, #context{module = Module} = Context) ->
    {call_last, Live, name(Name, Arity, Context), Frame};
%% Index and Uniq of a fun say where it stands in its table, and which module it is of.
instruction({make_fun2, {_, Name, Arity}, _Index, _Uniq, Free}, _, Context) ->
    {make_fun2, name(Name, Arity, Context), Free};
instruction({make_fun3, {_, Name, Arity}, _Index, _Uniq, Register, Free}, Labels, Context) ->
    {make_fun3, name(Name, Arity, Context), operand(Register, Labels, Context), operand(Free, Labels, Context)};
instruction({call_fun2, Tag, Arity, Fun}, Labels, #context{lambdas = Lambdas, names = Names} = Context) ->
    %% Safe or not, or the place in the table of the only fun that it can be.
    Target = case maps:find(number(Tag), Lambdas) of
                 {ok, Lambda} -> Names(Lambda);
                 error -> Tag
             end,
    {call_fun2, Target, Arity, operand(Fun, Labels, Context)};
instruction(Instruction, _, _) when is_atom(Instruction) ->
    Instruction;
instruction(Instruction, Labels, Context) ->
    operand(Instruction, Labels, Context).

name(Name, Arity, #context{names = Names}) ->
    Names({Name, Arity}).

%% In their external form, where 0.0 is not -0.0, and where nothing inside them is mistaken for an operand.
operand({literal, Literal}, _, _) ->
    {literal, term_to_binary(Literal)};
operand({float, Float}, _, _) ->
    {float, <<Float/float>>};
operand({f, Label}, Labels, _) ->
    {f, maps:get(Label, Labels, Label)};
%% What the compiler knows of a register's type.
operand({tr, Register, Type}, _, _) ->
    {tr, Register, Type};
operand({Register, N} = Operand, _, _) when is_atom(Register), is_integer(N) ->
    Operand;
operand([{atom, string}, Segment, Unit, Flags, Offset, Size | Rest] = Operands, Labels, Context) ->
    case {number(Offset), number(Size)} of
        {From, Length} when is_integer(From), is_integer(Length) ->
            String = binary:part(Context#context.strings, From, Length),
            [{string, Segment, Unit, Flags, String} | operand(Rest, Labels, Context)];
        _ ->
            each(Operands, Labels, Context)
    end;
operand(Operands, Labels, Context) when is_list(Operands) ->
    each(Operands, Labels, Context);
operand(Tuple, Labels, Context) when is_tuple(Tuple) ->
    list_to_tuple(operand(tuple_to_list(Tuple), Labels, Context));
operand(Operand, _, _) ->
    Operand.

each([First | Rest], Labels, Context) -> [operand(First, Labels, Context) | operand(Rest, Labels, Context)];
each(Rest, _, _) -> Rest.

%% An operand that is a plain number, in any of the ways that the disassembler has for it.
number({u, N}) -> N;
number({i, N}) -> N;
number({integer, N}) -> N;
number(N) -> N.

%% --- the Line chunk ---

line(0, _) -> none;
line({u, N}, Context) -> line(N, Context);
line(N, #context{lines = Lines}) when N =< tuple_size(Lines) -> element(N, Lines);
line(N, _) -> {unknown, N}.

%% {File, Line} of each entry.
lines(#{module := Module} = Opened) ->
    case migrator_beam:chunk(<<"Line">>, Opened) of
        <<0:32, _Flags:32, _Instructions:32, Count:32, Files:32, Entries/binary>> ->
            {Lines, Names} = entries(Count, 0, Entries, []),
            Table = list_to_tuple([<<(atom_to_binary(Module))/binary, ".erl">> | file_names(Files, Names)]),
            list_to_tuple([{element(File + 1, Table), Line} || {File, Line} <- Lines]);
        _ ->
            {}
    end.

entries(0, _, Rest, Entries) ->
    {lists:reverse(Entries), Rest};
entries(Count, File, Bytes, Entries) ->
    case compact(Bytes) of
        {a, NewFile, Rest} -> entries(Count, NewFile, Rest, Entries);
        {i, Line, Rest} -> entries(Count - 1, File, Rest, [{File, Line} | Entries])
    end.

file_names(0, _) -> [];
file_names(Count, <<Size:16, Name:Size/binary, Rest/binary>>) -> [Name | file_names(Count - 1, Rest)].

%% The loader's compact numbers: a tag in three bits, the number in 4 bits, 11 bits or bytes.
compact(<<N:4, 0:1, Tag:3, Rest/binary>>) -> {tag(Tag), N, Rest};
compact(<<High:3, 1:2, Tag:3, Low, Rest/binary>>) -> {tag(Tag), High * 256 + Low, Rest};
compact(<<Size:3, 3:2, Tag:3, Rest/binary>>) when Size < 7 ->
    Bits = (Size + 2) * 8,
    <<N:Bits, More/binary>> = Rest,
    {tag(Tag), N, More}.

tag(1) -> i;
tag(2) -> a.
