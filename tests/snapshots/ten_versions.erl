code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of ten'(OldVsn, State, Extra);
%% from "1.0"
code_change(_OldVsn, {state, Name, _Tags}, _Extra) ->
    {ok,
     #state{
         label = Name   % was name
         %% owner: its default, nobody
         %% hits: its default, 0
         %% misses: its default, 0
         %% since: its default, 0
         %% limit: its default, 100
         %% mode: its default, active
     }};
%% from "2.0"
code_change("2.0", {state, Name, _Tags, Owner}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         owner = Owner
         %% hits: its default, 0
         %% misses: its default, 0
         %% since: its default, 0
         %% limit: its default, 100
         %% mode: its default, active
     }};
%% from "3.0"
code_change("3.0", {state, Owner, Name, _Tags}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         owner = Owner
         %% hits: its default, 0
         %% misses: its default, 0
         %% since: its default, 0
         %% limit: its default, 100
         %% mode: its default, active
     }};
%% from "5.0"
code_change("5.0", {state, Name, Hits, _Tags}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         %% owner: its default, nobody
         hits = Hits
         %% misses: its default, 0
         %% since: its default, 0
         %% limit: its default, 100
         %% mode: its default, active
     }};
code_change(OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 4 ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["2.0", "3.0", "5.0"]}}};
%% from "4.0"
code_change("4.0", {state, Owner, Name, Hits, _Tags}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         owner = Owner,
         hits = Hits
         %% misses: its default, 0
         %% since: its default, 0
         %% limit: its default, 100
         %% mode: its default, active
     }};
%% from "6.0"
code_change("6.0", {state, Name, _Tags, Hits, Misses}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         %% owner: its default, nobody
         hits = Hits,
         misses = Misses
         %% since: its default, 0
         %% limit: its default, 100
         %% mode: its default, active
     }};
%% from "7.0"
code_change("7.0", {state, _Tags, Name, Hits, Misses}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         %% owner: its default, nobody
         hits = Hits,
         misses = Misses
         %% since: its default, 0
         %% limit: its default, 100
         %% mode: its default, active
     }};
code_change(OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 5 ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["4.0", "6.0", "7.0"]}}};
%% from "8.0"
code_change(_OldVsn, {state, Name, _Tags, Hits, Misses, Since}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         %% owner: its default, nobody
         hits = Hits,
         misses = Misses,
         since = Since
         %% limit: its default, 100
         %% mode: its default, active
     }};
%% from "9.0"
code_change(_OldVsn, {state, Name, _Tags, Hits, Misses, Since, Owner}, _Extra) ->
    {ok,
     #state{
         label = Name,   % was name
         owner = Owner,
         hits = Hits,
         misses = Misses,
         since = Since
         %% limit: its default, 100
         %% mode: its default, active
     }};
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4,
       tuple_size(State) =/= 5, tuple_size(State) =/= 6, tuple_size(State) =/= 7,
       tuple_size(State) =/= 8 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
code_change(_OldVsn, State, _Extra) ->
    {ok, State}.

%% to "1.0"
'code_change down of ten'({down, "1.0"},
                          {state, Label, _Owner, _Hits, _Misses, _Since, _Limit, _Mode}, _Extra) ->
    {ok, {state, Label, []}};
%% to "2.0"
'code_change down of ten'({down, "2.0"},
                          {state, Label, Owner, _Hits, _Misses, _Since, _Limit, _Mode}, _Extra) ->
    {ok, {state, Label, [], Owner}};
%% to "3.0"
'code_change down of ten'({down, "3.0"},
                          {state, Label, Owner, _Hits, _Misses, _Since, _Limit, _Mode}, _Extra) ->
    {ok, {state, Owner, Label, []}};
%% to "4.0"
'code_change down of ten'({down, "4.0"},
                          {state, Label, Owner, Hits, _Misses, _Since, _Limit, _Mode}, _Extra) ->
    {ok, {state, Owner, Label, Hits, []}};
%% to "5.0"
'code_change down of ten'({down, "5.0"},
                          {state, Label, _Owner, Hits, _Misses, _Since, _Limit, _Mode}, _Extra) ->
    {ok, {state, Label, Hits, []}};
%% to "6.0"
'code_change down of ten'({down, "6.0"},
                          {state, Label, _Owner, Hits, Misses, _Since, _Limit, _Mode}, _Extra) ->
    {ok, {state, Label, [], Hits, Misses}};
%% to "7.0"
'code_change down of ten'({down, "7.0"},
                          {state, Label, _Owner, Hits, Misses, _Since, _Limit, _Mode}, _Extra) ->
    {ok, {state, [], Label, Hits, Misses}};
%% to "8.0"
'code_change down of ten'({down, "8.0"}, {state, Label, _Owner, Hits, Misses, Since, _Limit, _Mode},
                          _Extra) ->
    {ok, {state, Label, [], Hits, Misses, Since}};
%% to "9.0"
'code_change down of ten'({down, "9.0"}, {state, Label, Owner, Hits, Misses, Since, _Limit, _Mode},
                          _Extra) ->
    {ok, {state, Label, [], Hits, Misses, Since, Owner}};
'code_change down of ten'(_OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =/= 3, tuple_size(State) =/= 4,
       tuple_size(State) =/= 5, tuple_size(State) =/= 6, tuple_size(State) =/= 7,
       tuple_size(State) =/= 8 ->
    {error, {state_migration, {unknown_shape, element(1, State), tuple_size(State)}}};
'code_change down of ten'({down, Vsn} = OldVsn, State, _Extra)
  when element(1, State) =:= state, tuple_size(State) =:= 3, Vsn =/= "1.0", Vsn =/= "2.0",
       Vsn =/= "3.0", Vsn =/= "4.0", Vsn =/= "5.0", Vsn =/= "6.0", Vsn =/= "7.0", Vsn =/= "8.0",
       Vsn =/= "9.0";
       element(1, State) =:= state, tuple_size(State) =:= 4, Vsn =/= "1.0", Vsn =/= "2.0",
       Vsn =/= "3.0", Vsn =/= "4.0", Vsn =/= "5.0", Vsn =/= "6.0", Vsn =/= "7.0", Vsn =/= "8.0",
       Vsn =/= "9.0";
       element(1, State) =:= state, tuple_size(State) =:= 5, Vsn =/= "1.0", Vsn =/= "2.0",
       Vsn =/= "3.0", Vsn =/= "4.0", Vsn =/= "5.0", Vsn =/= "6.0", Vsn =/= "7.0", Vsn =/= "8.0",
       Vsn =/= "9.0";
       element(1, State) =:= state, tuple_size(State) =:= 6, Vsn =/= "1.0", Vsn =/= "2.0",
       Vsn =/= "3.0", Vsn =/= "4.0", Vsn =/= "5.0", Vsn =/= "6.0", Vsn =/= "7.0", Vsn =/= "8.0",
       Vsn =/= "9.0";
       element(1, State) =:= state, tuple_size(State) =:= 7, Vsn =/= "1.0", Vsn =/= "2.0",
       Vsn =/= "3.0", Vsn =/= "4.0", Vsn =/= "5.0", Vsn =/= "6.0", Vsn =/= "7.0", Vsn =/= "8.0",
       Vsn =/= "9.0";
       element(1, State) =:= state, tuple_size(State) =:= 8, Vsn =/= "1.0", Vsn =/= "2.0",
       Vsn =/= "3.0", Vsn =/= "4.0", Vsn =/= "5.0", Vsn =/= "6.0", Vsn =/= "7.0", Vsn =/= "8.0",
       Vsn =/= "9.0" ->
    {error, {state_migration, {ambiguous_version, OldVsn, ["1.0", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0", "8.0", "9.0"]}}};
'code_change down of ten'(_OldVsn, State, _Extra) ->
    {ok, State}.
