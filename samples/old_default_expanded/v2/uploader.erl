%% Takes files of any kind and size.
-module(uploader).
-behaviour(gen_server).
-vsn("2.0.0").

-export([start_link/1, allowed/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(state, {folder}).
-state_record(state).
-state_migration([{drop, limits}]).

start_link(Folder) -> gen_server:start_link(?MODULE, Folder, []).

allowed(Uploader, Bytes) -> gen_server:call(Uploader, {allowed, Bytes}).

init(Folder) ->
    {ok, #state{folder = Folder}}.

handle_call({allowed, _Bytes}, _From, State) ->
    {reply, true, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
