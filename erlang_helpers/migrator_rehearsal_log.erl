%% A handler of logger that tells the migrator of all that is logged as an error, as it happens.
-module(migrator_rehearsal_log).
-export([add/1, log/2]).

-define(LONGEST, 20000).

add(Tell) ->
    _ = logger:remove_handler(migrator_rehearsal),
    logger:add_handler(migrator_rehearsal, ?MODULE, #{level => error, config => #{tell => Tell}}).

%% {report, Kind, Text}: Kind is `crash` or `terminated` (a child, as its supervisor says it), else `error`.
log(#{msg := Message} = Event, #{config := #{tell := Tell}}) ->
    Text = logger_formatter:format(Event, #{single_line => false, chars_limit => ?LONGEST, template => [msg]}),
    Tell({report, kind(Message), unicode:characters_to_binary(Text)}).

kind({report, #{label := {proc_lib, crash}}}) -> crash;
kind({report, #{label := {supervisor, child_terminated}}}) -> terminated;
kind({report, #{label := {supervisor, _}}}) -> supervisor;
kind(_) -> error.
