"""When setting a stop has returned, no call that it refuses is admitted, on any worker, at any level."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.admin_session import AdminSession
from tests.e2e.processes import Portal
from tests.e2e.test_revocation import TOOL, call, tool_id

CALLERS = 8
LEVELS = {
    "gateway": "gateway_stopped",
    "server": "server_stopped",
    "tool": "tool_stopped",
    "client": "client_stopped",
    "person": "user_stopped",
}


@contextmanager
def pouring(portal: Portal) -> Iterator[list[str]]:
    """Many callers at once, each call on a connection of its own. Their outcomes are there at the end."""
    enough = threading.Event()
    outcomes: list[str] = []

    def keep_calling(_: int) -> None:
        while not enough.is_set():
            outcomes.append(call(portal))

    with ThreadPoolExecutor(CALLERS) as pool:
        running = [pool.submit(keep_calling, number) for number in range(CALLERS)]
        try:
            while outcomes.count("succeeded") < 40 and not any(one.done() for one in running):
                pass
            yield outcomes
        finally:
            enough.set()
        for one in running:
            one.result()


def target_of(portal: Portal, level: str) -> str:
    if level == "server":
        return portal.rows("SELECT server_id AS id FROM tools_tool WHERE client_name = ?", TOOL)[0]["id"]
    if level == "tool":
        return str(tool_id(portal))
    public_id = portal.walk["user_token"][4:16]
    client = portal.rows(
        "SELECT c.id, c.owner_id FROM clients_client c JOIN clients_token t ON t.client_id = c.id"
        " WHERE t.public_id = ?",
        public_id,
    )
    return str(client[0]["id" if level == "client" else "owner_id"]) if level != "gateway" else ""


def newest_stop(portal: Portal) -> dict[str, Any]:
    return portal.rows("SELECT * FROM tools_stop ORDER BY id DESC LIMIT 1")[0]


def set_stop(portal: Portal, admin: AdminSession, level: str, **fields: str) -> dict[str, Any]:
    """Set a stop by its form and confirmation; its row."""
    address = f"/admin/tools/stop/set/?level={level}&target={target_of(portal, level)}"
    admin.submit(address, reason="A test of stops", confirmed="yes", **fields)
    return newest_stop(portal)


@pytest.mark.parametrize("level", LEVELS)
def test_under_load(portal: Portal, admin: AdminSession, level: str) -> None:
    """Row ids follow the order of commits here: admissions share a lock that the stop takes alone."""
    with pouring(portal) as outcomes:
        stop = set_stop(portal, admin, level)
        try:
            refused_from_here = [call(portal) for _ in range(20)]
            last = portal.rows("SELECT max(id) AS id FROM audit_auditrow")[0]["id"]
        finally:
            admin.press(f"/admin/tools/stop/{stop['id']}/lift/")

    began = portal.rows(
        "SELECT id FROM audit_auditrow WHERE event = 'stop.set' AND object_id = ?", str(stop["id"])
    )[0]["id"]
    admitted = portal.rows(
        "SELECT count(*) AS calls FROM audit_auditrow WHERE event = 'call.admitted' AND id > ? AND id <= ?",
        began, last,
    )[0]["calls"]  # fmt: skip
    denied = portal.rows(
        "SELECT count(*) AS calls FROM audit_auditrow WHERE event = 'call.denied' AND id > ? AND id <= ?"
        " AND reason = ?",
        began, last, LEVELS[level],
    )[0]["calls"]  # fmt: skip
    print(f"A stop of {level} took effect in {stop['effect_ms']:.1f} ms; {denied} calls were refused then.")
    assert set(refused_from_here) == {LEVELS[level]}
    assert set(outcomes) == {"succeeded", LEVELS[level]}
    assert admitted == 0
    assert denied >= 20
    assert 0 < stop["effect_ms"] < 30_000
    assert call(portal) == "succeeded"


def test_a_drill_under_load_refuses_nothing_and_counts(portal: Portal, admin: AdminSession) -> None:
    with pouring(portal) as outcomes:
        drill = set_stop(portal, admin, "gateway", is_drill="on")
        for _ in range(10):
            call(portal)
        admin.press(f"/admin/tools/stop/{drill['id']}/lift/")
    assert set(outcomes) == {"succeeded"}
    page = " ".join(admin.get(f"/admin/tools/stop/{drill['id']}/change/").split())
    counted = int(page.partition("Would have refused</dt><dd>")[2].partition(" call")[0])
    recorded = portal.rows(
        "SELECT count(*) AS calls FROM audit_auditrow WHERE event = 'call.admitted'"
        " AND id > (SELECT id FROM audit_auditrow WHERE event = 'stop.set' AND object_id = ?)"
        " AND id < (SELECT id FROM audit_auditrow WHERE event = 'stop.lifted' AND object_id = ?)",
        str(drill["id"]), str(drill["id"]),
    )[0]["calls"]  # fmt: skip
    assert counted == recorded >= 10
