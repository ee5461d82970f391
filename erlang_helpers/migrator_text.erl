%% Turns abstract forms into text that parses again, and everything that may be text into UTF-8.
-module(migrator_text).

-export([expr/1, type/1, text/1, bare/1, line/1]).

%% Wide enough that a line is never broken where the printer could help it.
-define(OPTIONS, [{encoding, utf8}, {linewidth, 100000}]).

%% An expression, as source.
expr(Expr) ->
    text(erl_pp:expr(Expr, ?OPTIONS)).

%% A type, as source. The printer has no door for a bare type, so it prints a declaration, of which
%% both ends are known.
type(Type) ->
    Printed = text(erl_pp:attribute({attribute, erl_anno:new(0), type, {t, Type, []}}, ?OPTIONS)),
    <<"-type t() ::", Rest/binary>> = Printed,
    string:trim(string:trim(Rest, trailing, "\n."), leading).

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
