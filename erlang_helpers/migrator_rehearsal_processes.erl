%% The processes of a node that run certain modules: which they are, who supervises them, and the shape of their states.
-module(migrator_rehearsal_processes).
-export([snapshot/2, watch/3]).

%% Of a state so many terms are looked at, and so many kinds of tuples told.
-define(MOST_TERMS, 3000000).
-define(MOST_TAGS, 10000).

%% A row for each process (and each handler of an event manager) that runs one of the modules, and for each supervisor:
%% {Pid, Name, Module, Kind, Supervised, State, OldCode, Children}.
%%
%% Kind: `server`, `statem`, `handler`, `supervisor`, `special`, or `plain` for one that knows no system messages.
%% Supervised: what release_handler goes by: `declared` (its child specification names the module), `undeclared` or
%% `unsupervised`.
%% State: {tuple, Tag, Size, Inside} (of a native record, which is no tuple, its name, and the size of a tuple with its fields), {other, Text, Inside}, `busy` (no answer in time), `none` (it has none that we could
%% ask for). Inside: the {Tag, Size} of every tuple in it that could be a record.
%% OldCode: whether it runs, or holds a fun of, a version of the module that is no longer the current one.
%% Children: of a supervisor {[Id | {not_started, Id}], {ok, [Id]} | none}: those that it has, and those that its
%% module's init/1 gives now (`none` where the module is none of ours to ask); else `none`.
snapshot(Modules, Milliseconds) ->
    Wanted = maps:from_keys(Modules, true),
    Supervised = supervised(),
    Rows = [
        {Pid, Module, Kind, maps:get(Pid, Supervised, none)}
     || Pid <- processes(),
        {Module, Kind} <- runs(Pid, maps:get(Pid, Supervised, none), Wanted, Milliseconds)
    ],
    in_parallel([fun() -> row(Each, Wanted, Milliseconds) end || Each <- Rows], 2 * Milliseconds).

%% The same, and tells {down, Pid, Module, Reason} when such a process ends.
watch(Modules, Milliseconds, Tell) ->
    Self = self(),
    Watcher = spawn(fun() ->
        Rows = snapshot(Modules, Milliseconds),
        Watched = maps:from_list([{monitor(process, list_to_pid(binary_to_list(element(1, Row)))), Row} || Row <- Rows]),
        Self ! {self(), Rows},
        told(Watched, Tell)
    end),
    receive {Watcher, Rows} -> Rows end.

told(Watched, Tell) ->
    receive
        {'DOWN', Reference, process, _, Reason} ->
            #{Reference := Row} = Watched,
            Tell({down, element(1, Row), element(3, Row), text(Reason)}),
            told(Watched, Tell)
    end.

%% Pid => the modules that its supervisor says, as release_handler asks for them.
supervised() ->
    Found = release_handler_1:get_supervised_procs(),
    maps:from_list([{Pid, Modules} || {_, _, Pid, Modules} <- Found, is_pid(Pid), is_list(Modules)]).

%% The modules of a process: what it was started with, what its supervisor says, the handlers of an event manager; and
%% what is on its stack, for one that no behaviour runs.
runs(Pid, Declared, Wanted, Milliseconds) ->
    case proc_lib:translate_initial_call(Pid) of
        {supervisor, Module, _} -> [{Module, supervisor}];
        {gen_event, init_it, _} -> handlers(Pid, Wanted, Milliseconds);
        {Module, _, _} -> own(Pid, Module, Declared, Wanted)
    end.

own(Pid, Started, Declared, Wanted) ->
    Said = [Module || is_list(Declared), Module <- Declared],
    case {is_map_key(Started, Wanted), [Module || Module <- lists:usort(Said), is_map_key(Module, Wanted)]} of
        {true, _} -> [{Started, kind(Pid, Started)}];
        {false, []} -> [{Module, plain} || Module <- on_stack(Pid), is_map_key(Module, Wanted)];
        {false, Modules} -> [{Module, kind(Pid, Module)} || Module <- Modules]
    end.

handlers(Pid, Wanted, Milliseconds) ->
    try sys:get_state(Pid, Milliseconds) of
        Handlers -> [{Module, {handler, Id}} || {Module, Id, _} <- Handlers, is_map_key(Module, Wanted)]
    catch _:_ -> []
    end.

on_stack(Pid) ->
    case process_info(Pid, current_stacktrace) of
        {current_stacktrace, Stack} -> lists:usort([Module || {Module, _, _, _} <- Stack]);
        undefined -> []
    end.

%% A system message to a process that does not know them would stay in its queue, or end it.
kind(Pid, Module) ->
    Ancestors = case process_info(Pid, dictionary) of
        {dictionary, Dictionary} -> lists:keymember('$ancestors', 1, Dictionary);
        undefined -> false
    end,
    Exports = fun(Functions) -> lists:any(fun({F, A}) -> erlang:function_exported(Module, F, A) end, Functions) end,
    Statem = Exports([{callback_mode, 0}]) andalso not (Exports([{handle_call, 3}]) andalso behaves(Pid) =:= server),
    case {Ancestors, Statem, Exports([{system_continue, 3}])} of
        {false, _, _} -> plain;
        {true, true, _} -> statem;
        {true, _, true} -> special;
        {true, _, _} ->
            case Exports([{handle_call, 3}, {handle_cast, 2}, {handle_info, 2}]) of
                true -> server;
                false -> behaves(Pid)
            end
    end.

%% A behaviour of someone else's on top of an OTP one, or a module that could be either.
behaves(Pid) ->
    Stack = on_stack(Pid),
    case [Kind || {Module, Kind} <- [{gen_statem, statem}, {gen_server, server}], lists:member(Module, Stack)] of
        [Kind | _] -> Kind;
        [] -> plain
    end.

row({Pid, Module, Kind, Declared}, Wanted, Milliseconds) ->
    {Shown, State} = state(Pid, Kind, Milliseconds),
    Name = case process_info(Pid, registered_name) of {registered_name, Registered} -> Registered; _ -> none end,
    Children = case Kind of
        supervisor -> {running(Pid, Milliseconds), given(Pid, is_map_key(Module, Wanted), Milliseconds)};
        _ -> none
    end,
    {text(Pid), Name, Module, Shown, declared(Module, Declared), State, old_code(Pid, Module), Children}.

%% The modules of event handlers are declared where the specification says `dynamic`.
declared(_, none) -> unsupervised;
declared(Module, Declared) ->
    case lists:member(Module, Declared) of
        true -> declared;
        false -> undeclared
    end.

old_code(Pid, Module) -> is_process_alive(Pid) andalso erlang:check_process_code(Pid, Module) =:= true.

state(_, plain, _) -> {plain, none};
state(_, supervisor, _) -> {supervisor, none};
state(Pid, Kind, Milliseconds) ->
    try {Kind, sys:get_state(Pid, Milliseconds)} of
        {{handler, Id}, Handlers} -> {handler, hd([shape(State) || {_, Found, State} <- Handlers, Found =:= Id])};
        {statem, {Name, Data}} -> {statem, with(inside(Name), shape(Data))};
        {_, State} -> {Kind, shape(State)}
    catch _:_ -> {shown(Kind), busy}
    end.

shown({handler, _}) -> handler;
shown(Kind) -> Kind.

shape(State) when is_tuple(State), tuple_size(State) > 0, is_atom(element(1, State)) ->
    {tuple, element(1, State), tuple_size(State), inside(tl(tuple_to_list(State)))};
shape(State) ->
    case native(State) of
        {Name, Values} -> {tuple, Name, length(Values) + 1, inside(Values)};
        none -> {other, described(State), inside(State)}
    end.

%% The name of a native record, and its values. Only a node of OTP 29 has any; what they are asked by, an older one lacks.
native(Term) when is_atom(Term); is_number(Term); is_bitstring(Term); is_pid(Term); is_port(Term); is_reference(Term) -> none;
native(Term) when is_list(Term); is_tuple(Term); is_map(Term); is_function(Term) -> none;
native(Term) -> {records:get_name(Term), [records:get(Field, Term) || Field <- records:get_field_names(Term)]}.

%% A state of a gen_statem has its data and what it is in.
with(More, {tuple, Tag, Size, Inside}) -> {tuple, Tag, Size, lists:usort(More ++ Inside)};
with(More, {other, Text, Inside}) -> {other, Text, lists:usort(More ++ Inside)}.

described(State) when is_map(State) -> <<"a map">>;
described(State) when is_list(State) -> <<"a list">>;
described(State) when is_tuple(State) -> text_of("a tuple of ~w", [tuple_size(State)]);
described(State) when is_atom(State) -> text(State);
described(_) -> <<"another term">>.

inside(Term) -> maps:keys(tagged([Term], #{}, ?MOST_TERMS)).

tagged(_, Found, 0) -> Found;
tagged([], Found, _) -> Found;
tagged([[Head | Tail] | Rest], Found, Left) -> tagged([Head, Tail | Rest], Found, Left - 1);
tagged([Tuple | Rest], Found, Left) when is_tuple(Tuple), tuple_size(Tuple) > 0 ->
    Now = case element(1, Tuple) of
        Tag when is_atom(Tag), map_size(Found) < ?MOST_TAGS -> Found#{{Tag, tuple_size(Tuple)} => true};
        _ -> Found
    end,
    tagged([tuple_to_list(Tuple) | Rest], Now, Left - 1);
tagged([Map | Rest], Found, Left) when is_map(Map) ->
    tagged([maps:keys(Map), maps:values(Map) | Rest], Found, Left - 1);
tagged([Term | Rest], Found, Left) ->
    case native(Term) of
        {Name, Values} -> tagged([list_to_tuple([Name | Values]) | Rest], Found, Left);
        none -> tagged(Rest, Found, Left - 1)
    end.

running(Pid, Milliseconds) ->
    in_time(fun() ->
        [case is_pid(Child) of true -> text(Id); false -> {not_started, text(Id)} end
         || {Id, Child, _, _} <- supervisor:which_children(Pid), Id =/= undefined]
    end, [], Milliseconds).

%% In a supervisor's own record the module and its arguments come last, in every OTP.
given(_, false, _) -> none;
given(Pid, true, Milliseconds) ->
    in_time(fun() ->
        State = sys:get_state(Pid, Milliseconds),
        Size = tuple_size(State),
        {ok, {Flags, Specs}} = (element(Size - 1, State)):init(element(Size, State)),
        false = simple(Flags),
        {ok, [text(id(Spec)) || Spec <- Specs]}
    end, none, Milliseconds).

simple(#{strategy := simple_one_for_one}) -> true;
simple({simple_one_for_one, _, _}) -> true;
simple(_) -> false.

id(#{id := Id}) -> Id;
id(Spec) -> element(1, Spec).

in_time(Work, Otherwise, Milliseconds) ->
    case in_parallel([Work], Milliseconds) of
        [Result] -> Result;
        [] -> Otherwise
    end.

%% The results of those that end well in time, in order.
in_parallel(Works, Milliseconds) ->
    Self = self(),
    Workers = [spawn_monitor(fun() -> Self ! {self(), Work()} end) || Work <- Works],
    Until = erlang:monotonic_time(millisecond) + Milliseconds,
    lists:append([gathered(Each, Until) || Each <- Workers]).

gathered({Pid, Reference}, Until) ->
    receive
        {Pid, Result} ->
            demonitor(Reference, [flush]),
            [Result];
        {'DOWN', Reference, process, Pid, _} ->
            []
    after max(0, Until - erlang:monotonic_time(millisecond)) ->
        exit(Pid, kill),
        demonitor(Reference, [flush]),
        receive {Pid, Result} -> [Result] after 0 -> [] end
    end.

text(Term) -> text_of("~tp", [Term]).

text_of(Format, Arguments) -> unicode:characters_to_binary(io_lib:format(Format, Arguments)).
