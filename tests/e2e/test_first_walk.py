"""What `make run` promises to somebody who has just cloned the project."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.e2e.ai_client import MODES, AIClient, denial_of
from tests.e2e.processes import PROJECT, Portal, fresh_database, portal_environment, running_portal, stop
from tests.services import free_port

ON_CALL_BASICS = {
    "opsgenie_list_alerts", "opsgenie_count_alerts", "opsgenie_get_alert", "opsgenie_list_alert_notes",
    "opsgenie_list_on_calls", "opsgenie_get_on_calls", "opsgenie_get_next_on_calls",
    "opsgenie_list_schedules", "opsgenie_get_schedule", "opsgenie_list_teams",
}  # fmt: skip


def test_the_first_walk_is_kept_for_its_owner_only(portal: Portal) -> None:
    path = portal.folder / "var/first_walk.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(portal.walk) == [
        "url", "mcp_url", "admin_user", "admin_password", "member_user", "member_password", "user_token",
        "sandbox_url", "sandbox_key",
    ]  # fmt: skip
    assert all(portal.walk.values())


def test_the_walk_is_printed_with_a_line_to_paste(portal: Portal) -> None:
    walk = portal.walk
    line = (
        f"claude mcp add --transport http portcullis {walk['mcp_url']} "
        f'--header "Authorization: Bearer {walk["user_token"]}"'
    )

    assert line in portal.output
    assert all(value in portal.output for value in walk.values())


def test_it_says_that_it_is_healthy_and_ready(portal: Portal) -> None:
    assert requests.get(f"{portal.url}/healthz", timeout=10).json() == {"status": "ok"}
    assert requests.get(f"{portal.url}/readyz", timeout=10).json() == {"status": "ok", "database": "ok"}


@pytest.mark.parametrize("mode", MODES)
def test_the_token_lists_and_calls_at_once(portal: Portal, mode: str) -> None:
    client = AIClient(portal.walk["mcp_url"], portal.walk["user_token"], mode)

    assert set(client.tools()) == ON_CALL_BASICS
    result = client.call("opsgenie_list_alerts", {"limit": 3})

    assert not result.is_error, result
    assert len(result.structured_content["items"]) == 3
    assert result.structured_content["items"][0]["message"] in result.content[0].text


@pytest.mark.parametrize("mode", MODES)
def test_a_tool_of_somebody_else_is_as_unknown_as_one_that_never_was(portal: Portal, mode: str) -> None:
    client = AIClient(portal.walk["mcp_url"], portal.walk["user_token"], mode)

    hidden, missing = client.call("opsgenie_acknowledge_alert"), client.call("opsgenie_no_such_tool")

    assert denial_of(hidden) == denial_of(missing) == "unknown_tool"
    assert hidden.error.code == missing.error.code == -32602
    assert hidden.error.message.replace("acknowledge_alert", "no_such_tool") == missing.error.message


def test_every_call_is_recorded_under_the_person_who_made_it(portal: Portal, mia_client: AIClient) -> None:
    result = mia_client.call("opsgenie_list_teams")
    admitted, succeeded = portal.call_rows(result.meta["portcullis/call_id"])

    assert (admitted["event"], succeeded["event"]) == ("call.admitted", "call.succeeded")
    for row in (admitted, succeeded):
        assert row["actor_name"] == "mia"
        assert row["client_name"] == "Quickstart"
        assert row["tool_name"] == "opsgenie_list_teams"
        assert row["server_name"] == "Opsgenie sandbox"
        assert str(row["source_address"]) == "127.0.0.1"
        assert row["detail"]["access_profile"] == "On-call reader"
        assert row["detail"]["toolset"] == "On-call basics"
        assert row["detail"]["credential_slot"] == "integration"
    assert succeeded["latency_ms"] > 0
    assert succeeded["detail"]["upstream_status"] == 200
    assert succeeded["detail"]["attempts"] == 1


def test_a_second_run_keeps_what_people_have_and_ends_all_it_started(tmp_path: Path) -> None:
    with fresh_database() as database_url:
        with running_portal(tmp_path, database_url) as first:
            walk = first.walk
        assert _running_below(tmp_path) == []

        started = time.monotonic()
        with running_portal(tmp_path, database_url) as second:
            took = time.monotonic() - started
            result = AIClient(second.walk["mcp_url"], walk["user_token"]).call("opsgenie_count_alerts")

    kept = ("admin_user", "admin_password", "member_user", "member_password", "user_token", "sandbox_key")
    assert {name: second.walk[name] for name in kept} == {name: walk[name] for name in kept}
    assert second.url != first.url
    assert not result.is_error, result
    assert took < 30


def test_a_port_in_use_is_said_in_one_line(portal: Portal, tmp_path: Path) -> None:
    taken = portal.url.rsplit(":", 1)[1]

    answer = subprocess.run(
        [sys.executable, "manage.py", "quickstart", "--port", taken],
        cwd=PROJECT, env=portal_environment(tmp_path, ""), capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith(f"CommandError: Port {taken} on 127.0.0.1 can't be used")
    assert "PORT=" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_web_process_that_dies_ends_the_rest_with_an_error(tmp_path: Path) -> None:
    """A supervisor restarts the whole: half a Portcullis would look alive and do nothing."""
    environment = portal_environment(tmp_path, "", PATH=os.environ["PATH"])
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=PROJECT, env=environment, check=True)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        web = _wait_for_child(tmp_path, "gunicorn")
        os.kill(web, 9)
        assert process.wait(timeout=30) == 1
        assert process.stderr is not None
        assert "The web process ended with exit code -9" in process.stderr.read()
        assert _running_below(tmp_path) == []
    finally:
        stop(process)  # type: ignore[arg-type]


def _wait_for_child(folder: Path, program: str) -> int:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        children = [pid for pid, command in _running_below(folder) if program in command]
        if children:
            time.sleep(1)
            return min(children)
        time.sleep(0.1)
    raise AssertionError(f"{program} did not start")


def _running_below(folder: Path) -> list[tuple[int, str]]:
    """Processes whose environment keeps its data below the folder."""
    mark = f"PORTCULLIS_VAR={folder}/var".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append((int(entry.name), command))
        except OSError:
            continue
    return found
