%% Compiles, reads and prepares things inside the node: without another process of the operating system for each.
-module(live_compile).
-export([source/2, source_in/2, text/1, consult/1, pid/1, generated/3]).

%% The beam of a source file, as erlc makes it with +debug_info, and what the compiler warns of.
source(Path, Options) ->
    File = unicode:characters_to_list(Path),
    case compile:file(File, [binary, debug_info, return | Options]) of
        {ok, _Module, Beam, Warnings} -> {Beam, unicode:characters_to_binary(io_lib:format("~tp", [Warnings]))};
        {error, Errors, _} -> error({does_not_compile, File, Errors})
    end.

%% The same for a source that is named from a folder, as a person there names it: the beam records that name.
source_in(Folder, Name) ->
    {ok, Before} = file:get_cwd(),
    ok = file:set_cwd(unicode:characters_to_list(Folder)),
    try source(Name, []) after ok = file:set_cwd(Before) end.

%% The beam of a module's text.
text(Source) ->
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Source)),
    Forms = [form(Form) || Form <- split(Tokens, [], [])],
    case compile:forms(Forms, [binary, debug_info, return_errors]) of
        {ok, _Module, Beam} -> Beam;
        {error, Errors, _} -> error({does_not_compile, Errors})
    end.

form(Tokens) ->
    case erl_parse:parse_form(Tokens) of
        {ok, Form} -> Form;
        {error, Reason} -> error({does_not_parse, Reason, Tokens})
    end.

split([{dot, _} = Dot | Rest], Form, Forms) -> split(Rest, [], [lists:reverse([Dot | Form]) | Forms]);
split([Token | Rest], Form, Forms) -> split(Rest, [Token | Form], Forms);
split([], [], Forms) -> lists:reverse(Forms).

%% The values in a file: terms, or expressions that make them, each up to its full stop.
consult(Path) ->
    {ok, Bytes} = file:read_file(unicode:characters_to_list(Path)),
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Bytes)),
    [evaluated(Each) || Each <- split(Tokens, [], [])].

evaluated(Tokens) ->
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Expressions, []),
    Value.

pid(Name) -> whereis(Name).

%% Whether the functions of that text are those, all and only those, that the beam has from that file.
generated(Beam, File, Source) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(Beam, [abstract_code]),
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Source)),
    Wanted = [plain(form(Each)) || Each <- split(Tokens, [], [])],
    Wanted =:= from_file(Forms, unicode:characters_to_list(File), elsewhere).

from_file([{attribute, _, file, {File, _}} | Forms], File, _) -> from_file(Forms, File, here);
from_file([{attribute, _, file, _} | Forms], File, _) -> from_file(Forms, File, elsewhere);
from_file([{function, _, _, _, _} = Form | Forms], File, here) -> [plain(Form) | from_file(Forms, File, here)];
from_file([_ | Forms], File, Where) -> from_file(Forms, File, Where);
from_file([], _, _) -> [].

plain(Form) -> erl_parse:map_anno(fun(_) -> 0 end, Form).
