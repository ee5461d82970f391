"""The sample release of `releases/shop`: built and packed as users of rebar3 do, upgraded live under its clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.carried import carried
from tests.support.installed import installed
from tests.support.shop import STOCK, VERSIONS, Clients, Line, build_shop, sold, tarball

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.installed import Installed
    from tests.support.node import Node

# How the states of each version look: the record's tag and the tuple's size.
SHAPES = {
    "1.0.0": {"catalogue": "{state,3}", "stock": "{batch,3}", "order": "{order,5}", "audit": "{audit,2}"}
    | {"front": "{state,3}", "conn": "{conn,3}", "ledger": "{st,3}"},
    "2.0.0": {"catalogue": "{state,4}", "stock": "{batch,4}", "order": "{order,5}", "audit": "{audit,3}"}
    | {"front": "{state,4}", "conn": "{conn,4}", "ledger": "{st,4}", "stats": "{state,2}"},
    "3.0.0": {"catalogue": "{state,3}", "stock": "{batch,4}", "order": "{order,6}", "audit": "{audit,3}"}
    | {"front": "{state,4}", "conn": "{conn,4}", "ledger": "{st,4}", "stats": "{state,3}"},
}
# Where each state is found; a list, since there may be many.
STATES = {
    "catalogue": "[sys:get_state(shop_catalogue)]",
    "stock": "element(2, sys:get_state(shop_stock))",
    "order": "[element(2, sys:get_state({global, {order, ORDER}}))]",
    "audit": "[element(3, hd(sys:get_state(shop_events)))]",
    "front": "[sys:get_state(shop_front)]",
    "conn": "[sys:get_state(P) || {_, P, _, _} <- supervisor:which_children(shop_conn_sup)]",
    "ledger": "[sys:get_state(ledger_server)]",
    "stats": "[sys:get_state(shop_stats)]",
}
# What a client pays for in seconds in 1.0.0, in milliseconds since.
HOLD = {"1.0.0": "900", "2.0.0": "900000", "3.0.0": "900000"}
SERVERS = "[whereis(N) || N <- [shop_sup, shop_catalogue, shop_stock, shop_events, shop_front, ledger_server, init]]."


# What the beams of each version carry: from which versions, by module; those that keep no state carry nothing.
CARRIED = {
    "1.0.0": {},
    "2.0.0": dict.fromkeys(
        (
            "ledger_server",
            "shop_audit",
            "shop_catalogue",
            "shop_conn",
            "shop_front",
            "shop_order",
            "shop_stock",
        ),
        1,
    ),
    "3.0.0": {
        "ledger_server": 1,
        "shop_audit": 2,
        "shop_catalogue": 2,
        "shop_conn": 2,
        "shop_front": 2,
        "shop_order": 2,
        "shop_stats": 1,
        "shop_stock": 2,
    },
}


# One test: what is built takes most of its time, and a run on several cores would build it once on each.
def test_live_upgrades_with_clients(tmp_path: Path, rebar3_tools: Path | None, node: Node) -> None:
    """Up, up and all the way down: no connection is lost, no call fails, no process restarts, the states are right.

    What the hook put into the build's beams is in the beams that are shipped, those of the dependency too.
    """
    shop = build_shop(tmp_path, lambda _: None, rebar3_tools)
    for version in VERSIONS:
        assert carried(tarball(shop, version), {"shop", "ledger"}, node) == CARRIED[version]
    environment = {**shop.environment, "SHOP_PORT": "0"}
    with installed(tmp_path / "shop", "shop", tarball(shop, "1.0.0"), environment) as release:
        for version in VERSIONS[1:]:
            release.deliver(tarball(shop, version))
        before = release.evaluate(SERVERS)
        line = Line(int(release.evaluate("shop_front:port().")))
        order = line.ask("order melon 1")
        clients = Clients(int(release.evaluate("shop_front:port().")), 8)
        try:
            _look(release, clients, order, "1.0.0")
            for command, version in (("upgrade", "2.0.0"), ("upgrade", "3.0.0"), ("downgrade", "1.0.0")):
                release.bin(command, version)
                _look(release, clients, order, version)
                asked = str(line.asked)
                assert line.ask("served") == asked
        finally:
            clients.stop()
        assert before == release.evaluate(SERVERS)
        bought = dict(sold(clients.all))
        assert line.ask("pay " + order) == "310"
        assert line.ask("paid") == str(sum(bought.values()) + 1)
        assert line.ask("balance") == str(25 * bought["apple"] + 310 * (bought["melon"] + 1))
        assert line.ask("stock apple") == str(STOCK - bought["apple"])
        line.close()
        assert "ERROR REPORT" not in "".join(path.read_text() for path in release.root.glob("log/erlang.log.*"))


def _look(release: Installed, clients: Clients, order: str, version: str) -> None:
    """That version runs, all states have its shapes, and the clients go on."""
    clients.go_on(20)
    assert clients.failures == []
    assert [vsn for vsn, status in release.versions.items() if status == "permanent"] == [version]
    shapes = ", ".join(
        f"{{{name}, lists:usort([{{element(1, S), tuple_size(S)}} || S <- {STATES[name]}])}}"
        for name in SHAPES[version]
    ).replace("ORDER", order)
    expected = ",".join(f"{{{name},[{shape}]}}" for name, shape in SHAPES[version].items())
    assert "".join(release.evaluate(f"[{shapes}].").split()) == f"[{expected}]"
    hold = f"element(5, element(2, sys:get_state({{global, {{order, {order}}}}})))."
    assert release.evaluate(hold) == HOLD[version]
