%% Takes files, within limits.
-module(uploader).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/1, allowed/2]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(limits, {bytes = 1024 * 1024, kinds = [png, jpg]}).
-record(state, {folder, limits = #limits{kinds = [png]}}).
-state_record(state).

start_link(Folder) -> gen_server:start_link(?MODULE, Folder, []).

allowed(Uploader, Bytes) -> gen_server:call(Uploader, {allowed, Bytes}).

init(Folder) ->
    {ok, #state{folder = Folder}}.

handle_call({allowed, Bytes}, _From, #state{limits = Limits} = State) ->
    {reply, Bytes =< Limits#limits.bytes, State}.

handle_cast(_Request, State) ->
    {noreply, State}.
