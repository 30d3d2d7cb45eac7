"""The processes of one machine live and die together, with all that they started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.processes import PortInUse, require_free_port
from tests.config.production import ROOT, manage, production_environment
from tests.services import free_port

# Notes its own and its child's process id, and waits.
WITH_GRANDCHILD = ["sh", "-c", 'sleep 300 & echo $! > "$0.grandchild"; echo $$ > "$0"; wait']
DEAF = ["sh", "-c", 'trap "" TERM INT HUP; echo $$ > "$0"; while :; do sleep 1; done']
_DEAF = 'trap "" TERM; echo $$ > "$0.grandchild"; while :; do sleep 1; done'
DEAF_GRANDCHILD = ["sh", "-c", f'sh -c \'{_DEAF}\' "$0" & echo $$ > "$0"; wait']


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Any]:
    """Start the supervisor with children, each of which writes its id to a file of its name."""
    started: list[subprocess.Popen[str]] = []

    def start(children: dict[str, list[str]], wait_for: tuple[str, ...] = (), **plan: Any) -> Any:
        plan["children"] = [[name, [*command, str(tmp_path / name)]] for name, command in children.items()]
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "tests.config.supervisor", str(tmp_path), json.dumps(plan)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        started.append(supervisor)
        for name in wait_for or tuple(children):
            wait_until(lambda name=name: (tmp_path / name).exists() and (tmp_path / name).read_text().strip())
        return supervisor

    yield start
    for supervisor in started:
        supervisor.kill()
        supervisor.wait()
    for path in tmp_path.iterdir():
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(path.read_text()), signal.SIGKILL)


def wait_until(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def ended(supervisor: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code and what it said. A process it left behind would keep its output open."""
    said, _ = supervisor.communicate(timeout=15)
    return supervisor.returncode, said


def is_alive(path: Path) -> bool:
    try:
        state = Path(f"/proc/{int(path.read_text())}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_children_and_grandchildren(supervised: Any, tmp_path: Path, number: int) -> None:
    supervisor = supervised({"web": WITH_GRANDCHILD, "worker": WITH_GRANDCHILD}, ("web", "worker"))
    family = sorted(tmp_path.iterdir())
    assert [path.name for path in family] == ["web", "web.grandchild", "worker", "worker.grandchild"]
    assert all(is_alive(path) for path in family)

    supervisor.send_signal(number)

    assert ended(supervisor) == (0, "stopped\n")
    wait_until(lambda: not any(is_alive(path) for path in family))


def test_a_second_signal_does_not_cut_the_end_short(supervised: Any, tmp_path: Path) -> None:
    supervisor = supervised({"web": DEAF}, stop_seconds=1)
    for _ in range(5):
        supervisor.send_signal(signal.SIGTERM)
        time.sleep(0.1)
    assert ended(supervisor)[0] == 0
    assert not is_alive(tmp_path / "web")


@pytest.mark.parametrize(("command", "name"), [(DEAF, "web"), (DEAF_GRANDCHILD, "web.grandchild")])
def test_who_does_not_listen_is_ended_by_force(
    supervised: Any, tmp_path: Path, command: list[str], name: str
) -> None:
    supervisor = supervised({"web": command}, ("web", name), stop_seconds=0.5)
    supervisor.terminate()
    assert ended(supervisor)[0] == 0
    wait_until(lambda: not is_alive(tmp_path / name))


def test_one_that_dies_takes_all_with_it_and_is_named(supervised: Any, tmp_path: Path) -> None:
    supervisor = supervised({"web": WITH_GRANDCHILD, "worker": WITH_GRANDCHILD, "scheduler": WITH_GRANDCHILD})
    family = sorted(tmp_path.iterdir())
    os.kill(int((tmp_path / "worker").read_text()), signal.SIGKILL)

    code, said = ended(supervisor)
    assert code == 1
    assert "The worker process ended with exit code -9" in said
    wait_until(lambda: not any(is_alive(path) for path in family))


def test_one_that_ends_well_takes_all_with_it_too(supervised: Any, tmp_path: Path) -> None:
    supervisor = supervised(
        {"web": WITH_GRANDCHILD, "worker": ["sh", "-c", 'echo $$ > "$0"; sleep 0.5']}, ("web",)
    )
    code, said = ended(supervisor)
    assert code == 1
    assert "The worker process ended with exit code 0" in said
    wait_until(lambda: not is_alive(tmp_path / "web"))


def test_one_that_can_not_start_takes_all_with_it(supervised: Any, tmp_path: Path) -> None:
    children = {"web": WITH_GRANDCHILD, "worker": ["/no/such/program"]}
    supervisor = supervised(children, ("web",), in_turn="web")
    code, said = ended(supervisor)
    assert code == 1
    assert "No such file or directory" in said
    wait_until(lambda: not is_alive(tmp_path / "web"))


def test_waiting_for_readiness_ends_when_it_is_there(supervised: Any, tmp_path: Path) -> None:
    supervisor = supervised({"web": WITH_GRANDCHILD}, ready="up")
    (tmp_path / "up").write_text("")
    assert supervisor.stdout.readline() == "ready: True\n"


def test_waiting_for_readiness_ends_on_a_signal(supervised: Any, tmp_path: Path) -> None:
    supervisor = supervised({"web": WITH_GRANDCHILD}, ready="never")
    supervisor.terminate()
    assert ended(supervisor) == (0, "ready: False\nstopped\n")


def test_waiting_for_readiness_ends_when_one_dies(supervised: Any, tmp_path: Path) -> None:
    supervisor = supervised({"web": WITH_GRANDCHILD}, ready="never")
    os.kill(int((tmp_path / "web").read_text()), signal.SIGKILL)
    code, said = ended(supervisor)
    assert code == 1
    assert "The web process ended" in said


# --- Ports ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_a_port_in_use_is_said(host: str, family: int) -> None:
    with socket.socket(family) as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUse, match=f"Port {port} on {host} can't be used: Address already in use"):
            require_free_port(host, port)
    require_free_port(host, port)


def test_a_port_in_use_on_every_address_is_in_use_on_one() -> None:
    with socket.create_server(("0.0.0.0", 0)) as other, pytest.raises(PortInUse):
        require_free_port("127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "port"),
    [("127.0.0.1", 65_536), ("127.0.0.1", -1), ("nowhere.invalid", 8000), ("192.0.2.1", 8000)],
)
def test_an_address_that_can_not_be_used_is_said_in_the_same_way(host: str, port: int) -> None:
    with pytest.raises(PortInUse, match=rf"Port {port} on {host} can't be used: \S.*\.$") as caught:
        require_free_port(host, port)
    assert "Unknown error" not in str(caught.value)


def test_serve_says_it_in_one_line_and_starts_nothing(tmp_path: Path) -> None:
    environment = production_environment(tmp_path, DATABASE_URL=None, REDIS_URL=None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = manage(environment, "serve", "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} on 127.0.0.1 can't be used" in result.stdout
    assert "Choose another with --port" in result.stdout
    assert "Traceback" not in result.stdout


def test_serve_refuses_a_port_that_is_none(tmp_path: Path) -> None:
    result = manage(production_environment(tmp_path, REDIS_URL=None), "serve", "--port", "99999")
    assert result.returncode == 1
    assert "Port 99999 on 127.0.0.1 can't be used" in result.stdout
    assert "Traceback" not in result.stdout


def test_the_port_just_given_back_by_a_stopped_portcullis_is_free() -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener, socket.create_connection(("127.0.0.1", port)):
        listener.accept()[0].close()
    require_free_port("127.0.0.1", port)
