%% Where in a function's code something stands, so that the same place in another version of the code is known again:
%% whatever a rename touches is left out, the names of variables, of the records looked at, and of fields.
-module(migrator_places).

-export([new/1, function/1, clause/3, statement/2, step/2, place/2]).

-export_type([where/0]).

-record(where, {records, heads = [], statement = none, path = []}).

-opaque where() :: #where{}.
%% Numbers that are equal where the code is: the heads of all clauses around it; the way from the statement to it, and
%% its last steps; what stands at the place itself; the whole statement, without what lies in clauses of its own.
-type place() :: {non_neg_integer(), non_neg_integer(), non_neg_integer(), non_neg_integer(), non_neg_integer()}.

%% Records: a map with the names of those that are looked at as keys.
-spec new(#{atom() => term()}) -> where().
new(Records) -> #where{records = Records}.

%% At the beginning of a function.
-spec function(where()) -> where().
function(Where) -> Where#where{heads = [], statement = none, path = []}.

%% Inside a clause with this head.
clause(Head, Guards, #where{heads = Heads, records = Records} = Where) ->
    Where#where{heads = [hash({head(Head, Records), head(Guards, Records)}) | Heads], path = []}.

%% Inside one of the expressions of a body.
statement(Expr, Where) -> Where#where{statement = Expr, path = []}.

%% One step deeper into it.
step(Step, #where{path = Path} = Where) -> Where#where{path = [Step | Path]}.

%% The place at which Inner stands.
-spec place(term(), where()) -> place().
place(Inner, #where{heads = Heads, statement = Statement, path = Path, records = Records}) ->
    {hash(Heads), hash(Path), hash(near(Path)), hash(blank(Inner, Records)), hash(blank(Statement, Records))}.

%% What is still the same where something was put around the place: a call says enough by itself.
near([{call, _, _, _, _} = Call | _]) -> [Call];
near([Step, Outer | _]) -> [Step, Outer];
near(Path) -> Path.

hash(Term) -> erlang:phash2(Term, 16#100000000).

%% --- forms without names ---

%% In a head what a record pattern names changes with the record's fields, and tells nothing of which clause it is.
head({record, _, Name, _}, Records) when is_map_key(Name, Records) -> record;
head(Node, Records) -> blank(Node, Records, fun head/2).

blank(Node, Records) -> blank(Node, Records, fun blank/2).

blank({var, _, _}, _, _) -> var;
blank({atom, _, Name}, _, _) -> {atom, Name};
blank({string, _, Text}, _, _) -> {string, Text};
blank({clause, _, Head, Guards, _}, Records, Go) -> {clause, Go(Head, Records), Go(Guards, Records)};
blank({record, _, Name, Fields}, Records, Go) -> {record, name(Name, Records), Go(Fields, Records)};
blank({record, _, Of, Name, Fields}, Records, Go) -> {record, Go(Of, Records), name(Name, Records), Go(Fields, Records)};
blank({record_field, _, Of, Name, _}, Records, Go) -> {record_field, Go(Of, Records), name(Name, Records)};
blank({record_field, _, _, Value}, Records, Go) -> {record_field, Go(Value, Records)};
blank({record_index, _, Name, _}, Records, _) -> {record_index, name(Name, Records)};
blank({clauses, Clauses}, Records, Go) -> {clauses, Go(Clauses, Records)};
blank(Node, Records, Go) when is_tuple(Node), tuple_size(Node) > 1 ->
    [Tag, _ | Parts] = tuple_to_list(Node),
    list_to_tuple([Tag | Go(Parts, Records)]);
blank([Node | Nodes], Records, Go) -> [Go(Node, Records) | Go(Nodes, Records)];
blank(Other, _, _) -> Other.

name(Name, Records) when is_map_key(Name, Records) -> record;
name(Name, _) -> Name.
