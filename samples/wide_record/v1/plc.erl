%% Mirrors the registers of a controller.
-module(plc).
-behaviour(gen_server).
-vsn("1.0.0").

-export([start_link/0, read/2, write/3]).
-export([init/1, handle_call/3, handle_cast/2]).

-record(registers, {
    r1 = 0, r2 = 0, r3 = 0, r4 = 0, r5 = 0, r6 = 0, r7 = 0, r8 = 0, r9 = 0, r10 = 0, r11 = 0, r12 = 0,
    r13 = 0, r14 = 0, r15 = 0, r16 = 0, r17 = 0, r18 = 0, r19 = 0, r20 = 0, r21 = 0, r22 = 0, r23 = 0,
    r24 = 0, r25 = 0, r26 = 0, r27 = 0, r28 = 0, r29 = 0, r30 = 0, r31 = 0, r32 = 0, r33 = 0, r34 = 0,
    r35 = 0, r36 = 0, r37 = 0, r38 = 0, r39 = 0, r40 = 0, r41 = 0, r42 = 0, r43 = 0, r44 = 0, r45 = 0,
    r46 = 0, r47 = 0, r48 = 0, r49 = 0, r50 = 0, r51 = 0, r52 = 0, r53 = 0, r54 = 0, r55 = 0, r56 = 0,
    r57 = 0, r58 = 0, r59 = 0, r60 = 0, r61 = 0, r62 = 0, r63 = 0, r64 = 0, r65 = 0, r66 = 0, r67 = 0,
    r68 = 0, r69 = 0, r70 = 0, r71 = 0, r72 = 0, r73 = 0, r74 = 0, r75 = 0, r76 = 0, r77 = 0, r78 = 0,
    r79 = 0, r80 = 0, r81 = 0, r82 = 0, r83 = 0, r84 = 0, r85 = 0, r86 = 0, r87 = 0, r88 = 0, r89 = 0,
    r90 = 0, r91 = 0, r92 = 0, r93 = 0, r94 = 0, r95 = 0, r96 = 0, r97 = 0, r98 = 0, r99 = 0, r100 = 0,
    r101 = 0, r102 = 0, r103 = 0, r104 = 0, r105 = 0, r106 = 0, r107 = 0, r108 = 0, r109 = 0, r110 = 0,
    r111 = 0, r112 = 0, r113 = 0, r114 = 0, r115 = 0, r116 = 0, r117 = 0, r118 = 0, r119 = 0, r120 = 0,
    r121 = 0, r122 = 0, r123 = 0, r124 = 0, r125 = 0, r126 = 0, r127 = 0, r128 = 0, r129 = 0, r130 = 0,
    r131 = 0, r132 = 0, r133 = 0, r134 = 0, r135 = 0, r136 = 0, r137 = 0, r138 = 0, r139 = 0, r140 = 0,
    r141 = 0, r142 = 0, r143 = 0, r144 = 0, r145 = 0, r146 = 0, r147 = 0, r148 = 0, r149 = 0, r150 = 0,
    r151 = 0, r152 = 0, r153 = 0, r154 = 0, r155 = 0, r156 = 0, r157 = 0, r158 = 0, r159 = 0, r160 = 0,
    r161 = 0, r162 = 0, r163 = 0, r164 = 0, r165 = 0, r166 = 0, r167 = 0, r168 = 0, r169 = 0, r170 = 0,
    r171 = 0, r172 = 0, r173 = 0, r174 = 0, r175 = 0, r176 = 0, r177 = 0, r178 = 0, r179 = 0, r180 = 0,
    r181 = 0, r182 = 0, r183 = 0, r184 = 0, r185 = 0, r186 = 0, r187 = 0, r188 = 0, r189 = 0, r190 = 0,
    r191 = 0, r192 = 0, r193 = 0, r194 = 0, r195 = 0, r196 = 0, r197 = 0, r198 = 0, r199 = 0, r200 = 0,
    r201 = 0, r202 = 0, r203 = 0, r204 = 0, r205 = 0, r206 = 0, r207 = 0, r208 = 0, r209 = 0, r210 = 0,
    r211 = 0, r212 = 0, r213 = 0, r214 = 0, r215 = 0, r216 = 0, r217 = 0, r218 = 0, r219 = 0, r220 = 0,
    r221 = 0, r222 = 0, r223 = 0, r224 = 0, r225 = 0, r226 = 0, r227 = 0, r228 = 0, r229 = 0, r230 = 0,
    r231 = 0, r232 = 0, r233 = 0, r234 = 0, r235 = 0, r236 = 0, r237 = 0, r238 = 0, r239 = 0, r240 = 0,
    r241 = 0, r242 = 0, r243 = 0, r244 = 0, r245 = 0, r246 = 0, r247 = 0, r248 = 0, r249 = 0, r250 = 0,
    r251 = 0, r252 = 0, r253 = 0, r254 = 0, r255 = 0, r256 = 0, r257 = 0, r258 = 0, r259 = 0, r260 = 0
}).
-state_record(registers).

start_link() -> gen_server:start_link(?MODULE, [], []).

read(Plc, Number) -> gen_server:call(Plc, {read, Number}).

write(Plc, Number, Value) -> gen_server:cast(Plc, {write, Number, Value}).

init([]) ->
    {ok, #registers{}}.

handle_call({read, Number}, _From, Registers) ->
    {reply, element(position(Number), Registers), Registers}.

handle_cast({write, Number, Value}, Registers) ->
    {noreply, setelement(position(Number), Registers, Value)}.

position(Number) -> #registers.r1 + Number - 1.
