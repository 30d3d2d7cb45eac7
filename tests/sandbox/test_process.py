"""The sandbox as a process of its own: starting, breaking connections for real, ending."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.keys import DEFAULT_KEY

HEADERS = {"Authorization": f"GenieKey {DEFAULT_KEY}"}
ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A sandbox in its own process."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--port", "0", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.line = self.process.stdout.readline()
        self.url = self.line.rpartition(" ")[2].strip()

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        return requests.request(method, self.url + path, headers=HEADERS, timeout=10, **arguments)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


@pytest.fixture
def sandbox() -> Iterator[Process]:
    process = Process("--control", "--no-seed")
    yield process
    if process.process.poll() is None:
        process.stop()


def test_it_says_where_it_is_and_nothing_else(sandbox: Process) -> None:
    assert sandbox.line.startswith("Sandbox ready at http://127.0.0.1:")
    assert sandbox.call("GET", "/v2/account").status_code == 200
    assert sandbox.stop() == 0
    assert sandbox.process.communicate() == ("", "")


def test_it_ends_promptly_even_while_it_holds_a_request(sandbox: Process) -> None:
    sandbox.call("POST", "/_control/faults", json={"kind": "timeout", "seconds": 60})
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /v2/account HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.3)
        started = time.monotonic()
        assert sandbox.stop(signal.SIGINT) == 0
        assert time.monotonic() - started < 4


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_reset_is_a_real_one(sandbox: Process, after_effect: bool) -> None:
    sandbox.call("POST", "/_control/faults", json={"kind": "reset", "times": 1, "after_effect": after_effect})
    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        sandbox.call("POST", "/v2/alerts", json={"message": "x"})
    time.sleep(0.1)
    assert sandbox.call("GET", "/v2/alerts/count").json()["data"]["count"] == int(after_effect)
    assert sandbox.stop() == 0
    assert sandbox.process.stderr
    assert sandbox.process.stderr.read() == ""


def test_a_truncated_answer(sandbox: Process) -> None:
    sandbox.call("POST", "/_control/faults", json={"kind": "truncate", "times": 1})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        sandbox.call("GET", "/v2/alerts")
    assert sandbox.call("GET", "/v2/alerts").status_code == 200


def test_connections_are_kept(sandbox: Process) -> None:
    with requests.Session() as session:
        session.headers.update(HEADERS)
        for _ in range(20):
            assert session.get(f"{sandbox.url}/v2/account").status_code == 200
        assert len(session.adapters["http://"].poolmanager.pools) == 1  # type: ignore[attr-defined]


def test_callers_at_the_same_time_do_not_lose_anything(sandbox: Process) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(
            lambda _: sandbox.call("POST", "/v2/alerts", json={"message": "x", "alias": "one"}).status_code,
            range(80),
        )
        assert set(answers) == {202}
    time.sleep(0.1)
    [alert] = sandbox.call("GET", "/v2/alerts").json()["data"]
    assert alert["count"] == 80


def test_the_port_is_taken(sandbox: Process) -> None:
    port = sandbox.url.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{port}" in second.stderr


@pytest.mark.parametrize("key", ["nonsense", f"{DEFAULT_KEY}:robot", f"{DEFAULT_KEY}:account:fly"])
def test_a_key_that_makes_no_sense(key: str) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "sandbox", "--key", key], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert started.returncode == 2
    assert "argument --key" in started.stderr


def test_state_outlives_the_process(tmp_path: Path) -> None:
    path, witness = tmp_path / "state.json", tmp_path / "witness"
    arguments = ("--no-seed", "--state", str(path), "--witness", str(witness))
    first = Process(*arguments)
    first.call("POST", "/v2/alerts", json={"message": "kept"})
    assert first.stop() == 0
    assert [json.loads(line)["path"] for line in witness.read_text().splitlines()] == ["/v2/alerts"]
    second = Process(*arguments)
    time.sleep(0.1)
    assert second.call("GET", "/v2/alerts").json()["data"][0]["message"] == "kept"
    assert second.stop() == 0


def test_a_state_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("[]")
    started = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (started.returncode, started.stderr.count("\n")) == (2, 1)


def test_it_goes_with_its_parent() -> None:
    command = f"{sys.executable} -m sandbox --no-seed --port 0 --exit-with-parent & echo $!; sleep 3; true"
    parent = subprocess.Popen(["/bin/sh", "-c", command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert parent.stdout.readline().startswith("Sandbox ready")
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGTERM)
    pytest.fail("the sandbox outlived its parent")
