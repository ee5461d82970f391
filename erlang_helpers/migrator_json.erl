%% Many small facts as one text: JSON takes the other side a tenth of the time that as many terms would.
-module(migrator_json).

-export([encode/1]).

-type json() :: atom() | integer() | binary() | [json()] | tuple().

%% Atoms and texts (in UTF-8) as strings, but the atom `none` as null; lists and tuples as arrays.
-spec encode(json()) -> binary().
encode(Term) ->
    iolist_to_binary(value(Term)).

value(none) -> <<"null">>;
value(Atom) when is_atom(Atom) -> string(atom_to_binary(Atom));
value(Text) when is_binary(Text) -> string(Text);
value(Number) when is_integer(Number) -> integer_to_binary(Number);
value(Tuple) when is_tuple(Tuple) -> value(tuple_to_list(Tuple));
value([]) -> <<"[]">>;
value([First | Rest]) -> [$[, value(First), [[$,, value(Each)] || Each <- Rest], $]].

string(Text) ->
    case is_plain(Text) of
        true -> [$", Text, $"];
        false -> [$", << <<(escaped(Byte))/binary>> || <<Byte>> <= Text >>, $"]
    end.

is_plain(<<Byte, Rest/binary>>) when Byte >= 16#20, Byte =/= $", Byte =/= $\\ -> is_plain(Rest);
is_plain(Rest) -> Rest =:= <<>>.

escaped($") -> <<"\\\"">>;
escaped($\\) -> <<"\\\\">>;
escaped(Byte) when Byte < 16#20 -> iolist_to_binary(io_lib:format("\\u~4.16.0b", [Byte]));
escaped(Byte) -> <<Byte>>.
