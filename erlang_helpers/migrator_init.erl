%% Which code builds the state of a new process: init and what it calls in the module, and what it puts off: the
%% clauses that take `{continue, X}`, a message that it sends to itself, a timeout of 0, an internal event.
-module(migrator_init).

-export([clauses/2]).

-type reached() :: #{{{atom(), arity()}, pos_integer()} => true}.

%% The clauses that are reached, by function and number.
-spec clauses(module(), #{}) -> reached().
clauses(Module, Functions) ->
    Started = started(Module, Functions),
    Roots = [{Name, all} || Name <- maps:keys(Functions), is_root(Name, Started, Functions)],
    reach(Roots, #{}, Module, Functions).

%% A special process may begin in any function; what it enters its loop from builds its state.
is_root({init, _}, _, _) ->
    true;
is_root(Name, Started, Functions) ->
    lists:member(Name, Started) orelse enters_loop(maps:get(Name, Functions)).

started(Module, Functions) ->
    migrator_expr:fold(fun({call, _, {remote, _, {atom, _, proc_lib}, {atom, _, _}}, [{atom, _, Of}, {atom, _, F}, Args | _]}, Acc)
                                when Of =:= Module ->
                            [{F, proper_length(Args, 0)} | Acc];
                          (_, Acc) ->
                            Acc
                       end, [], maps:values(Functions)).

%% The functions of the module that apply/3 calls by their names.
applied(Clause, Module) ->
    migrator_expr:fold(fun({call, _, Called, [{atom, _, Of}, {atom, _, F}, Args]}, Acc) when Of =:= Module ->
                            case Called of
                                {atom, _, apply} -> [{F, proper_length(Args, 0)} | Acc];
                                {remote, _, {atom, _, erlang}, {atom, _, apply}} -> [{F, proper_length(Args, 0)} | Acc];
                                _ -> Acc
                            end;
                          (_, Acc) -> Acc
                       end, [], Clause).

proper_length({cons, _, _, Tail}, N) -> proper_length(Tail, N + 1);
proper_length({nil, _}, N) -> N;
proper_length(_, _) -> none.

enters_loop(Clauses) ->
    migrator_expr:fold(fun({call, _, {remote, _, {atom, _, _}, {atom, _, enter_loop}}, _}, _) -> true;
                          (_, Acc) -> Acc
                       end, false, Clauses).

reach([{Name, all} | Rest], Seen, Module, Functions) ->
    Numbers = lists:seq(1, length(maps:get(Name, Functions, []))),
    reach([{Name, Number} || Number <- Numbers] ++ Rest, Seen, Module, Functions);
reach([Reached | Rest], Seen, Module, Functions) when is_map_key(Reached, Seen) ->
    reach(Rest, Seen, Module, Functions);
reach([{Name, Number} = Reached | Rest], Seen, Module, Functions) ->
    Clause = lists:nth(Number, maps:get(Name, Functions)),
    Called = [{Each, all} || Each <- migrator_expr:calls(Clause, Module, Functions) ++ applied(Clause, Module)],
    Later = [Each || Event <- events(Clause, Name, Module), Each <- handled(Event, Functions)],
    reach(Called ++ Later ++ Rest, Seen#{Reached => true}, Module, Functions);
reach([], Seen, _, _) ->
    Seen.

%% --- what is put off ---

%% {Kind, Event}: what a clause leaves for its process to do at once.
events({clause, _, _, _, Body} = Clause, Name, Module) ->
    Own = #{locals => migrator_locals:locals(Clause), module => Module},
    migrator_expr:fold_values(fun(Node, Acc) -> event(told(Node, Own), Name, Own) ++ Acc end, [], Body).

%% With the numbers in it that its variables stand for: a timeout of 0 may be one.
told(Node, #{locals := Locals}) when element(1, Node) =:= tuple; element(1, Node) =:= call ->
    migrator_locals:put_in(Node, maps:filter(fun(_, {Expr, _}) -> element(1, Expr) =:= integer end, Locals),
                           fun(Expr) -> element(1, Expr) =:= integer end);
told(Node, _) -> Node.

is_self({call, _, {atom, _, self}, []}) -> true;
is_self({call, _, {remote, _, {atom, _, erlang}, {atom, _, self}}, []}) -> true;
is_self(_) -> false.

event({tuple, _, [{atom, _, continue}, Event]}, _, _) -> [{continue, Event}];
event({tuple, _, [{atom, _, next_event}, {atom, _, Type}, Event]}, _, _) -> [{Type, Event}];
event({tuple, _, [{atom, _, Timeout}, {integer, _, 0}, Event]}, _, _) when Timeout =:= timeout; Timeout =:= state_timeout ->
    [{Timeout, Event}];
event({tuple, _, [{tuple, _, [{atom, _, timeout}, Timer]}, {integer, _, 0}, Event]}, _, _) -> [{{timeout, Timer}, Event}];
event({op, _, '!', To, Event}, _, Own) -> to_self(To, info, Event, Own);
event({call, _, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, _, Own) -> sent(Module, Name, Args, Own);
event({call, _, {atom, _, send}, Args}, _, Own) -> sent(erlang, send, Args, Own);
%% gen_server's `{ok, State, 0}`, gen_fsm's `{ok, Name, Data, 0}`, and the state that a gen_statem begins in.
event({tuple, Anno, [{atom, _, ok}, _, {integer, _, 0}]}, {init, _}, _) -> [{info, {atom, Anno, timeout}}];
event({tuple, Anno, [{atom, _, ok}, {atom, _, State} | Rest]}, {init, _}, _) ->
    [{enter, State} | [Event || [_, {integer, _, 0} = Now] <- [Rest],
                                Event <- [{{state, State}, {atom, Anno, timeout}}, {timeout, Now}]]];
%% Which state that is, is not in sight. A gen_server has no clause that enters one.
event({tuple, _, [{atom, _, ok}, {var, _, _}, _ | _]}, {init, _}, _) -> [{enter, any}];
event(_, _, _) -> [].

sent(erlang, send, [To, Event | _], Own) -> to_self(To, info, Event, Own);
sent(erlang, send_after, [{integer, _, 0}, To, Event | _], Own) -> to_self(To, info, Event, Own);
sent(erlang, start_timer, [{integer, Anno, 0}, To, Event | _], Own) ->
    to_self(To, info, {tuple, Anno, [{atom, Anno, timeout}, {var, Anno, '_'}, Event]}, Own);
sent(timer, send_after, [{integer, _, 0}, Event], _) -> [{info, Event}];
sent(timer, send_after, [{integer, _, 0}, To, Event], Own) -> to_self(To, info, Event, Own);
sent(gen_server, cast, [To, Event], Own) -> to_self(To, cast, Event, Own);
sent(gen_statem, cast, [To, Event], Own) -> to_self(To, cast, Event, Own);
sent(gen_fsm, send_event, [To, Event], Own) -> to_self(To, event, Event, Own);
sent(_, _, _, _) -> [].

to_self({var, _, Name}, Kind, Event, #{locals := Locals}) -> [{Kind, Event} || is_self(migrator_locals:bound_to(Name, Locals))];
%% A process is often registered under the name of its module.
to_self({atom, _, Module}, Kind, Event, #{module := Module}) -> [{Kind, Event}];
to_self(To, Kind, Event, _) -> [{Kind, Event} || is_self(To)].

%% The clauses that take such an event: those whose pattern fits it; where none does, those that take anything.
handled({Kind, Event}, Functions) ->
    Fitting = [{Name, Number, fits(Pattern, Event)}
               || {Name, Clauses} <- maps:to_list(Functions),
                  {Number, {clause, _, Head, _, _}} <- lists:zip(lists:seq(1, length(Clauses)), Clauses),
                  Pattern <- taken(Kind, Name, Head)],
    case [{Name, Number} || {Name, Number, yes} <- Fitting] of
        [] -> [{Name, Number} || {Name, Number, anything} <- Fitting];
        Found -> Found
    end.

%% The pattern for the event where a clause of that function takes events of the kind.
taken(continue, {handle_continue, 2}, [Event, _]) -> [Event];
taken(info, {handle_info, _}, [Event | _]) -> [Event];
taken(cast, {handle_cast, 2}, [Event, _]) -> [Event];
taken({timeout, Timer}, {_, Arity}, [{tuple, _, [{atom, _, timeout}, Pattern]}, Event | _]) when Arity =:= 3; Arity =:= 4 ->
    [Event || fits(Pattern, Timer) =/= no];
taken(enter, {handle_event, 4}, [{atom, _, enter}, _, State, _]) -> [{state, State}];
taken(enter, {State, 3}, [{atom, _, enter}, _, _]) -> [{state, {atom, erl_anno:new(0), State}}];
taken(event, {_, 2}, [Event, _]) -> [Event];
taken({state, State}, {State, 2}, [Event, _]) -> [Event];
taken(Kind, {_, Arity}, [{atom, _, Kind}, Event | _]) when Arity =:= 3; Arity =:= 4 -> [Event];
taken(_, _, _) -> [].

fits({state, _}, any) -> yes;
fits({state, Pattern}, State) -> fits(Pattern, {atom, erl_anno:new(0), State});
fits({var, _, _}, _) -> anything;
fits({match, _, Left, Right}, Event) ->
    case {fits(Left, Event), fits(Right, Event)} of
        {no, _} -> no;
        {_, no} -> no;
        {anything, anything} -> anything;
        _ -> yes
    end;
fits({tuple, _, Patterns}, {tuple, _, Events}) ->
    Same = length(Patterns) =:= length(Events)
        andalso lists:all(fun({Pattern, Event}) -> fits(Pattern, Event) =/= no end, lists:zip(Patterns, Events)),
    case Same of
        true -> yes;
        false -> no
    end;
fits({Kind, _, One}, {Kind, _, Other}) when Kind =:= atom; Kind =:= integer; Kind =:= string ->
    case One =:= Other of
        true -> yes;
        false -> no
    end;
fits({Literal, _, _}, {Other, _, _}) when Literal =/= Other, (Literal =:= atom orelse Literal =:= integer orelse Literal =:= tuple),
                                          (Other =:= atom orelse Other =:= integer orelse Other =:= tuple) -> no;
fits(_, _) -> yes.
