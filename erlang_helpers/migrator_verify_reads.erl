%% Which keys a function reads of the map that is its last argument, as far as its code tells at a glance.
-module(migrator_verify_reads).

-export([keys/1, of_function/3]).

%% For each function: the keys, or that it may be any.
-type reads() :: #{{atom(), arity()} => [atom()] | all}.

-spec keys([erl_parse:abstract_form()]) -> reads().
keys(Forms) ->
    maps:from_list([{{Name, Arity}, function(Clauses)} || {function, _, Name, Arity, Clauses} <- Forms, Arity > 0]).

%% Those of the fields that the function may read.
-spec of_function({atom(), arity()}, [atom()], map()) -> [atom()].
of_function(Function, Fields, #{reads := Reads}) ->
    case maps:get(Function, Reads, all) of
        all -> Fields;
        Keys -> [Field || Field <- Fields, lists:member(Field, Keys)]
    end.

function(Clauses) ->
    try
        lists:usort(lists:append([clause(Clause) || Clause <- Clauses]))
    catch
        throw:all -> all
    end.

clause({clause, _, Patterns, Guards, Body}) ->
    {Keys, Names} = pattern(lists:last(Patterns)),
    Keys ++ uses([lists:droplast(Patterns), Guards, Body], Names).

%% The keys that a pattern reads, and the variables that the map has from there on.
pattern({var, _, '_'}) -> {[], []};
pattern({var, _, Name}) -> {[], [Name]};
pattern({map, _, Associations}) -> {lists:append([exact(Each) || Each <- Associations]), []};
pattern({match, _, One, Other}) ->
    {Keys, Names} = pattern(One),
    {More, Others} = pattern(Other),
    {Keys ++ More, Names ++ Others};
pattern(_) -> throw(all).

%% What the value must be says what is read.
exact({map_field_exact, _, {atom, _, Key}, _}) -> [Key];
exact(_) -> throw(all).

%% Where one of these variables goes elsewhere than to a look at one key, anything may be read.
uses(_, []) ->
    [];
uses({call, _, Function, [{atom, _, Key}, {var, _, Name} | Rest]} = Call, Names) ->
    case lists:member(Name, Names) andalso is_look(Function) of
        true -> [Key | uses(Rest, Names)];
        false -> parts(Call, Names)
    end;
uses({call, _, {atom, _, is_map}, [{var, _, _}]}, _) ->
    [];
uses({match, _, {map, _, Associations}, {var, _, Name}} = Match, Names) ->
    case lists:member(Name, Names) of
        true -> lists:append([exact(Each) || Each <- Associations]);
        false -> parts(Match, Names)
    end;
uses({var, _, Name}, Names) ->
    lists:member(Name, Names) andalso throw(all),
    [];
uses(Other, Names) ->
    parts(Other, Names).

parts(Tuple, Names) when is_tuple(Tuple) -> parts(tuple_to_list(Tuple), Names);
parts([First | Rest], Names) -> uses(First, Names) ++ parts(Rest, Names);
parts(_, _) -> [].

is_look({remote, _, {atom, _, maps}, {atom, _, Name}}) -> lists:member(Name, [get, find, is_key]);
is_look({remote, _, {atom, _, erlang}, {atom, _, Name}}) -> lists:member(Name, [map_get, is_map_key]);
is_look({atom, _, Name}) -> lists:member(Name, [map_get, is_map_key]);
is_look(_) -> false.
