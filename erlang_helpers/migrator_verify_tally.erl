%% What a trial has come to so far. It lies with the process that tries, and ends with it.
-module(migrator_verify_tally).

-export([begin_/0, count/1, count/2, counted/1, note/2, notes/0, mask/1, is_masked/1, masked/0, lost/2, all_lost/0, found/1, described/2, findings/0]).

-define(KEY(What), {?MODULE, What}).

-spec begin_() -> ok.
begin_() ->
    [erase(Key) || {{?MODULE, _} = Key, _} <- get()],
    ok.

-spec count(atom()) -> ok.
count(What) -> count(What, 1).

-spec count(atom(), integer()) -> ok.
count(What, N) ->
    put(?KEY({count, What}), counted(What) + N),
    ok.

-spec counted(atom()) -> non_neg_integer().
counted(What) ->
    case get(?KEY({count, What})) of undefined -> 0; N -> N end.

%% The first of each {Note, Record, Field}.
-spec note({atom(), atom(), atom()}, unicode:chardata()) -> ok.
note(Key, Text) -> first(notes, Key, Text).

-spec notes() -> [{{atom(), atom(), atom()}, unicode:chardata()}].
notes() -> all(notes).

%% A field that comes out otherwise each time is not compared.
-spec mask({atom(), atom()}) -> ok.
mask({Record, Field} = Place) ->
    note({not_repeatable, Record, Field}, ""),
    first(masks, Place, []).

-spec is_masked({atom(), atom()}) -> boolean().
is_masked(Place) -> is_map_key(Place, table(masks)).

-spec masked() -> [{atom(), atom()}].
masked() -> maps:keys(table(masks)).

-spec lost({atom(), atom(), atom()}, {binary(), binary()}) -> ok.
lost(Key, Values) -> first(lost, Key, Values).

-spec all_lost() -> [{{atom(), atom(), atom()}, {binary(), binary()}}].
all_lost() -> all(lost).

%% Whether it is the first of its kind.
-spec found(term()) -> boolean().
found(Key) ->
    New = not is_map_key(Key, table(found)),
    first(found, Key, none),
    New.

%% What is to be told of it.
-spec described(term(), term()) -> ok.
described(Key, Finding) ->
    #{Key := {N, _}} = Table = table(found),
    put(?KEY(found), Table#{Key := {N, Finding}}),
    ok.

-spec findings() -> [{term(), term()}].
findings() -> all(found).

%% Kept in the order in which they came.
first(What, Key, Value) ->
    Table = table(What),
    case Table of
        #{Key := _} -> ok;
        _ -> put(?KEY(What), Table#{Key => {map_size(Table), Value}}), ok
    end.

all(What) ->
    [{Key, Value} || {_, Key, Value} <- lists:sort([{N, Key, Value} || {Key, {N, Value}} <- maps:to_list(table(What))])].

table(What) ->
    case get(?KEY(What)) of undefined -> #{}; Table -> Table end.
