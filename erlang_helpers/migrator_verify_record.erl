%% Records in states: tuples, and native records (OTP 29). How both are told, taken apart and made; no one else here knows how a native one is made.
-module(migrator_verify_record).

-export([is_native/1, shape/1, is/3, values/1, made/2, with_value/3, definition/1, estranged/2]).

-export_type([tag/0, definition/0]).

%% What a native record keeps of its declaration.
-type definition() :: {Module :: atom(), Name :: atom(), private | exported, [Field :: atom()]}.
%% What tells a record's values: a tuple's first element, or the definition.
-type tag() :: atom() | definition().

%% Nothing else is none of these, on any OTP.
-spec is_native(term()) -> boolean().
is_native(Term) when is_tuple(Term); is_atom(Term); is_number(Term); is_list(Term); is_bitstring(Term); is_map(Term) -> false;
is_native(Term) when is_function(Term); is_pid(Term); is_reference(Term); is_port(Term) -> false;
is_native(_) -> true.

%% The definition of a native record.
-spec definition(term()) -> definition().
definition(Native) ->
    Access = case native(is_exported, [Native]) of true -> exported; false -> private end,
    {native(get_module, [Native]), native(get_name, [Native]), Access, native(get_field_names, [Native])}.

%% Tag and size, that of a native record being a tuple's with as many fields; `none` of what no record looks like.
-spec shape(term()) -> {tag(), pos_integer()} | none.
shape(Tuple) when is_tuple(Tuple), tuple_size(Tuple) > 0, is_atom(element(1, Tuple)) ->
    {element(1, Tuple), tuple_size(Tuple)};
shape(Term) ->
    case is_native(Term) of
        true ->
            {_, _, _, Fields} = Definition = definition(Term),
            {Definition, length(Fields) + 1};
        false -> none
    end.

-spec is(term(), tag(), pos_integer()) -> boolean().
is(Term, Tag, Size) when is_atom(Tag) -> is_tuple(Term) andalso tuple_size(Term) =:= Size andalso element(1, Term) =:= Tag;
is(Term, Definition, _) -> is_native(Term) andalso definition(Term) =:= Definition.

%% The values of a record's fields, in order.
-spec values(term()) -> [term()].
values(Tuple) when is_tuple(Tuple) -> tl(tuple_to_list(Tuple));
values(Native) -> [native(get, [Field, Native]) || Field <- native(get_field_names, [Native])].

-spec made(tag(), [term()]) -> term().
made(Tag, Values) when is_atom(Tag) -> list_to_tuple([Tag | Values]);
made({Module, Name, Access, Fields}, Values) ->
    native(create, [Module, Name, lists:zip(Fields, Values), #{is_exported => Access =:= exported}]).

%% With another value in the field of that number.
-spec with_value(pos_integer(), term(), term()) -> term().
with_value(N, Tuple, Value) when is_tuple(Tuple) -> setelement(N + 1, Tuple, Value);
with_value(N, Native, Value) ->
    {Before, [_ | Behind]} = lists:split(N - 1, values(Native)),
    made(definition(Native), Before ++ [Value | Behind]).

%% Definitions like that one, which no version need have.
-spec estranged(definition(), pos_integer()) -> definition().
estranged({Module, Name, Access, Fields}, 1) -> {Module, Name, Access, Fields ++ [other(Fields, another)]};
estranged({Module, Name, Access, [_ | Fields]}, 2) -> {Module, Name, Access, Fields};
estranged({Module, Name, private, Fields}, 3) -> {Module, Name, exported, Fields};
estranged({Module, Name, exported, Fields}, 3) -> {Module, Name, private, Fields};
estranged({Module, Name, Access, Fields}, _) -> {Module, Name, Access, lists:reverse(Fields)}.

other(Fields, Field) ->
    case lists:member(Field, Fields) of
        true -> other(Fields, list_to_atom(atom_to_list(Field) ++ "'"));
        false -> Field
    end.

%% An OTP before 29 has no such module.
native(Function, Arguments) ->
    apply(records, Function, Arguments).
