%% Turns abstract forms into text that parses again, and everything that may be text into UTF-8.
-module(migrator_text).

-export([expr/1, type/1, definition/3, text/1, bare/1, line/1]).

%% Wide enough that a line is never broken where the printer could help it.
-define(LONGEST_LINE, 100).
-define(OPTIONS, [{encoding, utf8}, {linewidth, 100000}]).

%% An expression, as source: on one line where that is short enough to read. Layout is the only thing that the
%% printer writes a newline for (in strings and names it is escaped).
expr(Expr) ->
    Printed = text(erl_pp:expr(qualified(migrator_otp:printable(Expr)), ?OPTIONS)),
    Line = re:replace(Printed, <<" *\\n *">>, <<" ">>, [global, {return, binary}]),
    case byte_size(Line) > ?LONGEST_LINE of
        true -> Printed;
        false -> Line
    end.

%% The printer writes erlang:node() as node(), which means another function in a module that has its own. A
%% variable it prints as it is.
qualified({call, Anno, {remote, _, {atom, _, erlang}, {atom, _, Name}}, Args}) ->
    Called = case erl_internal:bif(Name, length(Args)) of
        true -> {var, Anno, list_to_atom("erlang:" ++ atom_to_list(Name))};
        false -> {remote, Anno, {atom, Anno, erlang}, {atom, Anno, Name}}
    end,
    {call, Anno, Called, qualified(Args)};
qualified({string, _, _} = String) -> String;
qualified(Node) when is_tuple(Node) -> list_to_tuple(qualified(tuple_to_list(Node)));
qualified([Node | Nodes]) -> [qualified(Node) | qualified(Nodes)];
qualified(Other) -> Other.

%% A type, as source. The printer has no door for a bare type, so it prints a declaration, of which
%% both ends are known.
type(Type) ->
    <<"t() ::", Rest/binary>> = definition(t, [], Type),
    string:trim(Rest, leading).

%% A type's declaration, as source, without its `-type` and its dot.
definition(Name, Parameters, Type) ->
    Printed = text(erl_pp:attribute({attribute, erl_anno:new(0), type, {Name, external(migrator_otp:printable(Type)), Parameters}}, ?OPTIONS)),
    <<"-type ", Rest/binary>> = Printed,
    string:trim(Rest, trailing, "\n.").

%% OTP 29.1's printer writes the type #m:r{} in a way that does not parse. A variable it prints as it is.
external({type, Anno, record, [{tuple, _, [{atom, _, Module}, {atom, _, Name}]}]}) ->
    {var, Anno, list_to_atom(lists:flatten(io_lib:format("#~tw:~tw{}", [Module, Name])))};
external(Node) when is_tuple(Node) -> list_to_tuple(external(tuple_to_list(Node)));
external([Node | Nodes]) -> [external(Node) | external(Nodes)];
external(Other) -> Other.

%% Names, file names and printed code as UTF-8. A file name need not be Unicode: then its bytes are kept.
text(Atom) when is_atom(Atom) ->
    atom_to_binary(Atom, utf8);
text(Chars) ->
    case unicode:characters_to_binary(Chars) of
        Text when is_binary(Text) -> Text;
        _ -> unicode:characters_to_binary(iolist_to_binary(Chars), latin1)
    end.

%% The same form without positions, so that two of them compare by meaning. 0 is a valid annotation.
bare(Form) ->
    erl_parse:map_anno(fun(_) -> 0 end, Form).

line(Anno) ->
    erl_anno:line(Anno).
