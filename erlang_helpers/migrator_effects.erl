%% Which calls in an expression leave something behind: a process, a table, a timer, something that was sent or written.
-module(migrator_effects).

-export([effects/2]).

%% Their texts. Scope: #{module, clauses, imports}. A function of the module counts where it does such a thing, at any
%% distance: `open(), which calls ets:new(t, [])`. A fun that is only made does nothing yet.
-spec effects(term(), #{module := module(), clauses := #{}, imports := #{}, _ => _}) -> [binary()].
effects({'fun', _, _}, _) -> [];
effects({named_fun, _, _, _}, _) -> [];
effects(Expr, Scope) ->
    Found = migrator_expr:fold_values(fun(Node, Acc) -> told(Node, Scope) ++ Acc end, [], Expr),
    unique(lists:reverse(Found)).

told(Node, #{clauses := Functions, module := Module} = Scope) ->
    case {effect(Node, Scope), own(Node, Module, Functions)} of
        {true, _} -> [migrator_text:expr(Node)];
        {false, none} -> [];
        {false, Called} ->
            case inside([Called], #{}, Scope) of
                none -> [];
                Effect ->
                    Own = migrator_text:expr(Node),
                    Text = migrator_text:expr(Effect),
                    [<<Own/binary, ", which calls ", Text/binary>>]
            end
    end.

own({call, _, {atom, _, Name}, Args}, _, Functions) -> defined({Name, length(Args)}, Functions);
own({call, _, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, Module, Functions) -> defined({Name, length(Args)}, Functions);
own(_, _, _) -> none.

defined(Called, Functions) when is_map_key(Called, Functions) -> Called;
defined(_, _) -> none.

%% The first call with an effect that these functions come to, or none.
inside([Name | Names], Seen, Scope) when is_map_key(Name, Seen) ->
    inside(Names, Seen, Scope);
inside([Name | Names], Seen, #{clauses := Functions, module := Module} = Scope) ->
    Clauses = maps:get(Name, Functions),
    Found = migrator_expr:fold_values(fun(Node, none) ->
                                              case effect(Node, Scope) of
                                                  true -> Node;
                                                  false -> none
                                              end;
                                         (_, Acc) -> Acc
                                      end, none, Clauses),
    case Found of
        none -> inside(migrator_expr:calls(Clauses, Module, Functions) ++ Names, Seen#{Name => true}, Scope);
        Effect -> Effect
    end;
inside([], _, _) ->
    none.

effect({op, _, '!', _, _}, _) -> true;
effect({'receive', _, _}, _) -> true;
effect({'receive', _, _, _, _}, _) -> true;
effect({call, _, {atom, _, Name}, Args}, #{clauses := Functions, imports := Imports}) ->
    Called = {Name, length(Args)},
    not is_map_key(Called, Functions) andalso lasting(maps:get(Called, Imports, erlang), Name);
effect({call, _, {remote, _, {atom, _, Module}, {atom, _, Name}}, Args}, #{module := Own, clauses := Functions}) ->
    not (Module =:= Own andalso is_map_key({Name, length(Args)}, Functions)) andalso lasting(Module, Name);
effect(_, _) -> false.

lasting(erlang, Name) ->
    lists:member(Name, [spawn, spawn_link, spawn_monitor, spawn_opt, spawn_request, send, send_after, send_nosuspend,
                        start_timer, cancel_timer, monitor, demonitor, monitor_node, link, unlink, register, unregister,
                        process_flag, put, erase, open_port, port_command, port_close, port_connect, group_leader,
                        trace, system_flag, set_cookie, alias, unalias, load_nif, halt, exit]);
lasting(ets, Name) ->
    lists:member(Name, [new, insert, insert_new, delete, delete_object, delete_all_objects, update_counter,
                        update_element, give_away, rename, setopts, take, select_delete, select_replace, match_delete,
                        file2tab, from_dets, tab2file, to_dets]);
lasting(timer, Name) ->
    lists:member(Name, [send_after, send_interval, apply_after, apply_interval, apply_repeatedly, exit_after,
                        kill_after, cancel, start]);
lasting(application, Name) ->
    lists:member(Name, [start, stop, ensure_started, ensure_all_started, load, unload, set_env, unset_env]);
lasting(os, Name) -> lists:member(Name, [cmd, putenv, unsetenv, set_signal]);
lasting(rand, Name) -> lists:member(Name, [seed, uniform, uniform_real, normal, bytes]);
lasting(persistent_term, Name) -> lists:member(Name, [put, erase]);
lasting(file, Name) ->
    not lists:member(Name, [read_file, read_file_info, read_link, read_link_info, list_dir, list_dir_all, consult,
                            path_consult, get_cwd, native_name_encoding, format_error]);
lasting(code, Name) ->
    not lists:member(Name, [priv_dir, lib_dir, root_dir, which, where_is_file, is_loaded, get_object_code, get_path, all_loaded]);
lasting(global, Name) -> not lists:member(Name, [whereis_name, registered_names]);
lasting(pg, Name) -> not lists:member(Name, [get_members, get_local_members, which_groups]);
lasting(logger, _) -> false;
lasting(error_logger, _) -> false;
lasting(supervisor, Name) -> not lists:member(Name, [which_children, count_children, get_childspec]);
lasting(counters, Name) -> lists:member(Name, [add, sub, put]);
lasting(atomics, Name) -> Name =/= new andalso Name =/= get andalso Name =/= info;
%% What other modules do is known by their customs alone.
lasting(_, Name) when Name =:= start; Name =:= start_link; Name =:= start_monitor; Name =:= start_child; Name =:= open;
                      Name =:= connect; Name =:= listen; Name =:= subscribe -> true;
lasting(Module, _) ->
    lists:member(Module, [dets, disk_log, gen_tcp, gen_udp, gen_sctp, ssl, ssh, socket, gen_server, gen_statem,
                          gen_event, gen_fsm, gen, proc_lib, pg2, mnesia, httpc, inets,
                          net_kernel, erpc, rpc]).

unique(Texts) ->
    [Text || {Text, I} <- lists:zip(Texts, lists:seq(1, length(Texts))),
             not lists:member(Text, lists:sublist(Texts, I - 1))].
