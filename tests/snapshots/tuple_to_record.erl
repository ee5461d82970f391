code_change({down, _} = OldVsn, State, Extra) ->
    'code_change down of clerk'(OldVsn, State, Extra);
code_change(_OldVsn, State, _Extra)
  when element(1, State) =:= clerk, tuple_size(State) =:= 4 ->
    {ok, State};
%% from "1.0.0"
code_change(_OldVsn, Old, _Extra) ->
    {ok, from_tuple(Old)}.

%% to "1.0.0"
'code_change down of clerk'({down, _}, New, _Extra)
  when element(1, New) =:= clerk, tuple_size(New) =:= 4 ->
    {ok, to_tuple(New)};
'code_change down of clerk'(_OldVsn, State, _Extra) ->
    {ok, State}.
