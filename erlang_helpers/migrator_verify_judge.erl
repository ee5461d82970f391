%% Judges one call of the tried module's function: what came, beside what the plan says.
-module(migrator_verify_judge).

-export([up/3, down/3, passing/4, already/3, refused/4]).

-export_type([a_case/0, finding/0]).

%% How the function is called besides its state. Others are arguments that only go along, by position.
-type a_case() :: #{vsn := term(), extra := term(), others := [{pos_integer(), term()}], answering := migrator_verify_call:answering()}.
%% Expected and Got are terms, or texts as `{text, Binary}`; Path as in migrator_verify_compare.
-type finding() :: {Kind :: atom(), Direction :: atom(), Record :: atom(), Field :: atom(), Expected :: term(), Got :: term(), Path :: [term()]}.
%% The state that came out, where one did that may be used; `skipped` where a decision's function does not take such a state, and need not.
-type judged() :: {{ok, term()} | none | skipped, [finding()]}.

%% A state of the old version is converted, then the module's own function runs.
-spec up(migrator_verify_oracle:way(), term(), a_case()) -> judged().
up(Way, Old, Case) ->
    counted(judge(up, Way, Old, Case, called(Way, Old, Case)), came_up).

%% A state of the new version; Case has `{down, Vsn}`.
-spec down(migrator_verify_oracle:way(), term(), a_case()) -> judged().
down(Way, New, Case) ->
    counted(judge(down, Way, New, Case, called(Way, New, Case)), came_down).

%% Where nothing came out at all, nothing was shown.
counted({skipped, _} = Judged, _) -> Judged;
counted(Judged, What) ->
    migrator_verify_tally:count(What),
    Judged.

%% A state that is to pass as it is: `again` one that is new already, `foreign` one that is of no version.
-spec passing(migrator_verify_oracle:way(), again | foreign, term(), a_case()) -> judged().
passing(Way, Direction, State, Case) ->
    {Came, Findings} = outcome(Direction, Way, State, Case, passes, called(Way, State, Case)),
    Kept = [raised, refused, timeout, heap],
    {Came, [case At =:= Direction andalso not lists:member(Kind, Kept) of
                true -> {changed, At, Record, Field, Expected, Got, Path};
                false -> Finding
            end || {Kind, At, Record, Field, Expected, Got, Path} = Finding <- Findings]}.

%% A state of the old version on a downgrade: it is there already. Where the module's own function runs first, it is not asked.
-spec already(migrator_verify_oracle:way(), term(), a_case()) -> [finding()].
already(#{mode := own_first, facts := #{own := {_, _}}} = Way, Old, Case) ->
    case called(Way, Old, Case) of
        {value, Result, []} ->
            {_, Findings} = replied(again, Way, Old, Case#{answering := returned}, Result),
            [{changed, again, Record, Field, Expected, Got, Path} || {_, _, Record, Field, Expected, Got, Path} <- Findings];
        {value, _, Noted} -> [{own, again, maps:get(record, Way), none, {text, <<"it is not called">>}, hd(Noted), []}];
        Failed -> [failed(again, maps:get(record, Way), none, Failed)]
    end;
already(Way, Old, Case) ->
    {_, Findings} = passing(Way, again, Old, Case),
    Findings.

%% A state that is to be refused for that reason.
-spec refused(migrator_verify_oracle:way(), fun((term()) -> boolean()), term(), {a_case(), Shown :: binary()}) -> [finding()].
refused(#{record := Record} = Way, IsReason, State, {Case, Shown}) ->
    case called(Way, State, Case) of
        {value, {error, {state_migration, Reason}} = Refused, Noted} ->
            case IsReason(Reason) andalso (Noted =:= [] orelse is_map_key(own_answers, Case)) of
                true -> [];
                false -> [{not_refused, foreign, Record, none, {text, Shown}, Refused, []}]
            end;
        {value, Other, _} -> [{not_refused, foreign, Record, none, {text, Shown}, Other, []}];
        Failed -> [failed(foreign, Record, none, Failed)]
    end.

called(#{facts := #{module := Module} = Facts, limits := Limits}, State, #{answering := Answering} = Case) ->
    migrator_verify_tally:count(calls),
    Outcome = migrator_verify_call:tried(Limits, {Module, Facts}, arguments(Facts, State, Case), Answering),
    [migrator_verify_tally:count(endless) || Outcome =:= heap orelse is_tuple(Outcome) andalso element(1, Outcome) =:= timeout],
    Outcome.

arguments(#{arity := Arity, state := At, vsn := VsnAt, extra := ExtraAt}, State, #{vsn := Vsn, extra := Extra, others := Others}) ->
    [case N of
         At -> State;
         VsnAt -> Vsn;
         ExtraAt -> Extra;
         _ -> proplists:get_value(N, Others)
     end || N <- lists:seq(1, Arity)].

%% --- what the plan says ---

%% A process of its own where functions of the module are called for it.
-spec expected(up | down, migrator_verify_oracle:way(), term()) -> migrator_verify_oracle:result() | {timeout, term()} | heap.
expected(Direction, #{pure := Pure} = Way, State) ->
    Follow = fun() -> migrator_verify_oracle:Direction(Way, State) end,
    case maps:get(Direction, Pure) of
        true -> Follow();
        false -> in_process(Way, Follow)
    end.

in_process(#{limits := Limits}, Follow) ->
    case migrator_verify_call:run(Limits, Follow) of
        {value, Result, _} -> Result;
        Other -> Other
    end.

judge(Direction, #{record := Record} = Way, State, _, {timeout, _} = Outcome) ->
    %% The same takes long in the plan's own functions, and there it is known where.
    {At, Field} = case expected(Direction, Way, State) of
                      {timeout, {_, _} = Place} -> Place;
                      _ -> {Record, none}
                  end,
    {none, [failed(Direction, At, Field, Outcome)]};
judge(down, #{mode := own_first, facts := #{own := {_, _}}} = Way, State, #{answering := {answer, _}} = Case, Outcome) ->
    %% Nothing is converted then: no function of a decision is asked.
    outcome(down, Way, State, Case, {converted, State}, Outcome);
judge(Direction, #{pure := Pure} = Way, State, Case, Outcome) ->
    case expected(Direction, Way, State) of
        {failed, Record, Field, Reads, Text} ->
            decision_failed(Direction, Way, {Record, Field, Reads, Text}, Outcome);
        Expected ->
            {Came, Findings} = outcome(Direction, Way, State, Case, Expected, Outcome),
            case Findings =/= [] andalso not maps:get(Direction, Pure) of
                true -> settled(Direction, Way, State, Case, {Came, Findings}, 6);
                false -> {Came, Findings ++ typed(Direction, Way, Came)}
            end
    end.

%% A function of a decision raised. Where a type says that it must take the value, that is a finding.
decision_failed(Direction, Way, {Record, Field, Reads, Text}, Outcome) ->
    Loose = migrator_verify_way:is_loose(Way, Direction, [{From, Read} || {From, Read, _} <- Reads]),
    case Outcome of
        {raised, _} when not Loose ->
            {none, [failed(Direction, Record, Field, {raised, Text})]};
        _ ->
            Shown = [[migrator_verify_text:term(Value), ": "] || {_, _, Value} <- lists:sublist(Reads, 1)],
            migrator_verify_tally:note({not_taken, Record, Field}, [Shown, Text]),
            {skipped, []}
    end.

%% What differs may come out otherwise each time: then two evaluations of the plan itself differ too, or it fits in another try.
settled(Direction, Way, State, Case, _, Left) when Left > 0 ->
    One = expected(Direction, Way, State),
    Outcome = called(Way, State, Case),
    %% Two fresh processes may be too much alike, to the rubbish in what `erlang:md5_init/0` gives: for once it is followed twice in one.
    Other = in_process(Way, fun() -> _ = migrator_verify_oracle:Direction(Way, State), migrator_verify_oracle:Direction(Way, State) end),
    [migrator_verify_tally:mask(Place) || Place <- unlike(Direction, Way, One, Other)],
    case outcome(Direction, Way, State, Case, One, Outcome) of
        {Again, []} -> {Again, typed(Direction, Way, Again)};
        Judged -> settled(Direction, Way, State, Case, Judged, Left - 1)
    end;
settled(_, _, _, _, Judged, _) ->
    Judged.

unlike(Direction, Way, {_, One}, {_, Other}) ->
    [Place || {Place, _, _, _} <- migrator_verify_compare:differences(One, Other, migrator_verify_way:to(Way, Direction), exact)];
unlike(_, _, _, _) ->
    [].

%% --- what came ---

outcome(Direction, #{record := Record}, _, _, _, {raised, _} = Raised) ->
    {none, [failed(Direction, Record, none, Raised)]};
outcome(Direction, #{record := Record}, _, _, _, heap) ->
    {none, [failed(Direction, Record, none, heap)]};
outcome(Direction, #{record := Record}, _, _, _, {timeout, _} = Timeout) ->
    {none, [failed(Direction, Record, none, Timeout)]};
outcome(Direction, Way, State, Case, Expected, {value, Result, Noted}) ->
    case Expected of
        passes -> came(Direction, Way, State, Case, {State, State, [as_it_came]}, Result, Noted);
        {walked, New} ->
            Extra = case migrator_verify_compare:same(State, New) of true -> [as_it_came]; false -> [old_state] end,
            came(Direction, Way, State, Case, {New, New, Extra}, Result, Noted);
        {converted, New} ->
            %% Nothing was lost where it is the same as before.
            Extra = [old_state | [as_it_came || New =:= State]],
            came(Direction, Way, State, Case, {New, New, Extra}, Result, Noted);
        none -> {none, no_way_back(Way, Result)};
        %% The plan's own functions did not end where the tried ones did.
        _ -> {none, []}
    end.

no_way_back(_, {error, {state_migration, {no_downgrade, _}}}) -> [];
no_way_back(#{record := Record}, Other) ->
    [{not_refused, down, Record, none, {text, <<"{error, {state_migration, {no_downgrade, Vsn}}}">>}, Other, []}].

%% Own first: the module's own function gets all as it came, and what it gives is converted.
came(down, #{mode := own_first, facts := #{own := {_, _}} = Facts} = Way, State, Case, {New, _, _}, Result, Noted) ->
    Given = arguments(Facts, State, Case),
    {Came, Findings} = replied(down, Way, New, Case, Result),
    {Came, Findings ++ called_once(Way, Given, Noted)};
came(Direction, #{facts := #{own := none}} = Way, _, Case, {New, _, _}, Result, _) ->
    replied(Direction, Way, New, Case, Result);
came(Direction, #{facts := #{state := At, extra := ExtraAt} = Facts, record := Record} = Way, State, #{extra := Extra} = Case, {New, _, Extras}, Result, Noted) ->
    case Noted of
        [Arguments] ->
            Got = lists:nth(At, Arguments),
            Wanted = [case Which of as_it_came -> Extra; old_state -> with_old(Extra, State) end || Which <- Extras],
            Came = lists:nth(ExtraAt, Arguments),
            Differences = differences(Direction, Way, New, Got),
            InExtra = [{old_state, extra, Record, none, hd(Wanted), Came, []}
                       || not lists:any(fun(One) -> migrator_verify_compare:same(One, Came) end, Wanted)],
            Else = [{own, extra, Record, none, Expected, Arguments, []}
                    || Expected <- [arguments(Facts, Got, Case#{extra := Came})], not migrator_verify_compare:same(Expected, Arguments)],
            {Last, InResult} = replied(Direction, Way, Got, Case, Result),
            {case {Last, Differences} of {{ok, _}, []} -> {ok, Got}; _ -> none end,
             case Differences of [] -> InResult; _ -> Differences end ++ InExtra ++ Else};
        _ ->
            {_, InResult} = replied(Direction, Way, New, Case, Result),
            {none, InResult ++ called_once(Way, arguments(Facts, New, Case), Noted)}
    end.

%% Extra with the old state at its end, which a list that is none goes before.
with_old(Extra, Old) ->
    case try length(Extra) of _ -> true catch error:badarg -> false end of
        true -> Extra ++ [{old_state, Old}];
        false -> [Extra, {old_state, Old}]
    end.

called_once(#{record := Record}, Expected, [One]) ->
    [{own, extra, Record, none, Expected, One, []} || not migrator_verify_compare:same(Expected, One)];
called_once(#{record := Record}, Expected, Noted) ->
    Text = case Noted of [] -> <<"it was not called">>; _ -> <<"it was called more than once">> end,
    [{own, extra, Record, none, Expected, {text, Text}, []}].

%% `{ok, State}`, with what else belongs into it.
replied(Direction, #{facts := #{reply := Reply, state := At} = Facts, record := Record} = Way, New, #{answering := Answering} = Case, Result) ->
    Whole = list_to_tuple([ok | [lists:nth(N, arguments(Facts, New, Case)) || N <- Reply]]),
    Place = place(At, Reply, 2),
    case Answering of
        {answer, Answer} ->
            {none, [{refused, Direction, Record, none, Answer, Result, []} || not migrator_verify_compare:same(Answer, Result)]};
        _ when is_tuple(Result), tuple_size(Result) =:= tuple_size(Whole), element(1, Result) =:= ok ->
            Got = element(Place, Result),
            Differences = differences(Direction, Way, New, Got),
            Around = [{refused, Direction, Record, none, Whole, Result, []} || setelement(Place, Whole, x) =/= setelement(Place, Result, x)],
            {case Differences ++ Around of [] -> {ok, Got}; _ -> none end, Differences ++ Around};
        _ ->
            {none, [{refused, Direction, Record, none, Whole, Result, []}]}
    end.

place(At, [At | _], N) -> N;
place(At, [_ | Rest], N) -> place(At, Rest, N + 1).

differences(Direction, #{record := Record} = Way, Expected, Got) ->
    To = migrator_verify_way:to(Way, Direction),
    [case Place of
         {none, none} -> {migrator_verify_way:whole(Way, Direction), Direction, Record, none, E, G, Path};
         {In, Field} -> {migrator_verify_way:source(Way, Direction, In, Field), Direction, In, Field, E, G, Path}
     end || {Place, Path, E, G} <- migrator_verify_compare:differences(Expected, Got, To, exact), not migrator_verify_tally:is_masked(Place)].

failed(Direction, Record, Field, {raised, Text}) ->
    {raised, Direction, Record, Field, {text, <<"no exception">>}, {text, Text}, []};
failed(Direction, Record, Field, {timeout, _}) ->
    {timeout, Direction, Record, Field, {text, <<"an answer in time">>}, {text, <<"it took too long">>}, []};
failed(Direction, Record, Field, heap) ->
    {heap, Direction, Record, Field, {text, <<"an answer">>}, {text, <<"it took too much memory">>}, []}.

%% --- types, and records of old versions that were left ---

typed(Direction, Way, {ok, Got}) ->
    migrator_verify_way:not_of_type(Way, Direction, Got)
        ++ case Direction of up -> migrator_verify_way:old_left(Way, Got); down -> [] end;
typed(_, _, _) ->
    [].
