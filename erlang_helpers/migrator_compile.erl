%% Compiles forms as the beam that they come from was compiled, quietly and without side effects.
-module(migrator_compile).

-export([compile/3, message/2]).

%% The chunks that the compiler makes of Forms, with the options that Opened records. Exports are those
%% that the module has with these forms; they stand in for export_all, which would export our functions too.
-spec compile(migrator_beam:opened(), [term()], [{atom(), arity()}]) -> {ok, migrator_beam:chunks()} | {error, binary()}.
compile(#{options := Recorded} = Opened, Forms, Exports) ->
    Everything = Recorded ++ lists:flatten([Option || {attribute, _, compile, Option} <- Forms]),
    [throw({core_transform, unicode:characters_to_binary(io_lib:format("it is compiled with the core transform ~tw", [Name]))})
     || {core_transform, Name} <- Everything],
    Renamed = renamed(Forms),
    Quiet = with_options(fun(Options) -> inlined(wanted(Options), Renamed) end, Forms),
    Compilable = case proplists:get_bool(export_all, Everything) of
                     true -> export(Exports, Quiet);
                     false -> Quiet
                 end,
    Options = [return_errors, binary, no_spawn_compiler_process, {extra_chunks, meta(Opened)} | inlined(wanted(Recorded), Renamed)],
    case in_its_own_process(fun() -> compile:noenv_forms(Compilable, Options) end) of
        {ok, _, Beam} when is_binary(Beam) -> {ok, migrator_beam:split(Beam)};
        {ok, _, Beam, _} when is_binary(Beam) -> {ok, migrator_beam:split(Beam)};
        {error, Errors, _} -> {error, messages(Errors)};
        _ -> {error, <<"the compiler gave no reason">>}
    end.

%% The compiler keeps counters in its process, which would make the second compilation differ from
%% the first. Linked, since who kills us at our deadline means the compilation too.
in_its_own_process(Fun) ->
    Tag = make_ref(),
    Parent = self(),
    {Pid, Monitor} = spawn_opt(fun() -> Parent ! {Tag, Fun()} end, [link, monitor, {min_heap_size, 300000}]),
    receive
        {Tag, Result} ->
            demonitor(Monitor, [flush]),
            unlink(Pid),
            Result;
        {'DOWN', Monitor, process, Pid, Reason} ->
            error({compiler_died, Reason})
    end.

%% Part of the checksum, and so of the funs' table: what the compiler does not get from forms it has to be given.
meta(Opened) ->
    [{<<"Meta">>, Meta} || Meta <- [migrator_beam:chunk(<<"Meta">>, Opened)], Meta =/= none].

%% -export([...]).
export(Exports, [{attribute, Position, module, _} = Module | Rest]) ->
    [Module, {attribute, Position, export, Exports} | Rest];
export(Exports, [Form | Rest]) ->
    [Form | export(Exports, Rest)];
export(_, []) ->
    [].

with_options(Change, Forms) ->
    [case Form of
         {attribute, Position, compile, Options} when is_list(Options) -> {attribute, Position, compile, Change(lists:flatten(Options))};
         {attribute, Position, compile, Option} -> {attribute, Position, compile, Change([Option])};
         _ -> Form
     end || Form <- Forms].

%% What is to be inlined into its callers is so under its new name too, or their code would change.
inlined(Options, Renamed) ->
    New = fun({Name, Arity} = Function) -> {maps:get(Function, Renamed, Name), Arity}; (Other) -> Other end,
    [case Option of
         {inline, Functions} when is_list(Functions) -> {inline, [New(Function) || Function <- Functions]};
         {inline, Function} -> {inline, New(Function)};
         _ -> Option
     end || Option <- Options].

renamed(Forms) ->
    case migrator_forms:migrated(Forms) of
        none -> #{};
        #{renamed := Renamed} -> maps:from_list(Renamed)
    end.

wanted(Options) ->
    [Option || Option <- Options, wanted_option(Option)].

%% Left out is what would run code, print, write a file, fail on what only concerns the source, or
%% make what is copied from the first beam anyway.
wanted_option(Option) when is_tuple(Option), is_atom(element(1, Option)) ->
    not lists:member(element(1, Option), [parse_transform, debug_info, debug_info_key, source, extra_chunks, compile_info, error_location,
                            makedep_output, makedep_target, makedep_side_effect, time, outdir, cwd, listing]);
wanted_option(Name) when is_atom(Name) ->
    not stops_early(atom_to_list(Name)) andalso
    not lists:member(Name, [export_all, warnings_as_errors, debug_info, encrypt_debug_info, report, report_errors,
                            report_warnings, return, return_errors, return_warnings, verbose, makedep, makedep_side_effect,
                            makedep_add_missing, makedep_phony, makedep_quote_target, time, binary, compressed, beam_docs]);
wanted_option(_) ->
    false.

%% Those that make the compiler write one of its own languages into a file, and end there: 'S', to_core, dssaopt, ...
stops_early("deterministic") -> false;
stops_early("d" ++ _) -> true;
stops_early("to_" ++ _) -> true;
stops_early("from_" ++ _) -> true;
stops_early(Name) -> lists:member(Name, ["P", "E", "S", "asm", "abstr", "pp", "strong_validation", "basic_validation"]).

messages(Errors) ->
    Lines = [message(file_of(File), Error) || {File, InFile} <- Errors, Error <- InFile],
    iolist_to_binary(lists:join("\n", lists:usort(Lines))).

file_of({File, _}) -> File;
file_of(File) -> File.

%% One line as the compiler prints it: file:line:column: message.
-spec message(string(), {term(), module(), term()}) -> binary().
message(File, {Position, Module, Reason}) ->
    Text = try Module:format_error(Reason) catch error:_ -> io_lib:format("~tP", [Reason, 12]) end,
    unicode:characters_to_binary([File, ":", place(Position), " ", Text]).

place({Line, Column}) -> io_lib:format("~w:~w:", [Line, Column]);
place(Line) when is_integer(Line) -> io_lib:format("~w:", [Line]);
place(Anno) when is_list(Anno) -> place(proplists:get_value(location, Anno, none));
place(_) -> "".
