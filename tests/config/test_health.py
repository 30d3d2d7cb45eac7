"""`/healthz` says whether the process answers, `/readyz` whether calls can be admitted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tests.config.production import production_environment, run
from tests.services import free_port

ASK = """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from django.test import Client
for path in ("/healthz", "/readyz"):
    response = Client(raise_request_exception=False).get(path, headers={"host": "10.0.0.7:8000"})
    print("ANSWER", path, response.status_code, response.content.decode())
"""


def answers(output: str) -> list[str]:
    return [line.removeprefix("ANSWER ") for line in output.splitlines() if line.startswith("ANSWER ")]


def test_healthz_answers_without_the_database(
    db: None, client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_answers_when_the_database_is_as_this_code_expects(db: None, client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": "ok"})


@pytest.mark.parametrize("application", ["audit", "catalog", "clients", "tools", "sessions"])
def test_readyz_refuses_while_a_migration_is_pending(db: None, client: Client, application: str) -> None:
    last = MigrationRecorder.Migration.objects.filter(app=application).order_by("-pk").first()
    assert last is not None
    last.delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "database": "migrations are pending"}
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_readyz_refuses_on_a_connection_that_broke(client: Client) -> None:
    """The first question after the database went away is answered too, with a no or on a new connection."""
    connection.ensure_connection()
    connection.connection.close()
    try:
        assert client.get("/readyz").status_code in (200, 503)
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_they_are_for_reading(db: None, client: Client, path: str) -> None:
    assert client.head(path).status_code == 200
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(path).status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_they_answer_whatever_host_and_scheme_a_probe_uses(
    db: None, client: Client, settings: Any, path: str
) -> None:
    """Load balancers and supervisors ask the machine's address, over http."""
    settings.ALLOWED_HOSTS = ["portcullis.test"]
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert Client().get("/", headers={"host": "10.0.0.7:8000"}).status_code in (301, 400)


def test_an_unreachable_postgresql_is_said_within_seconds_and_without_its_password(tmp_path: Path) -> None:
    url = f"postgres://portcullis:canary-b2d8@127.0.0.1:{free_port()}/portcullis"
    started = time.monotonic()
    result = run(production_environment(tmp_path, DATABASE_URL=url), "-c", ASK)
    assert time.monotonic() - started < 15
    assert answers(result.stdout) == [
        '/healthz 200 {"status": "ok"}',
        '/readyz 503 {"status": "unavailable", "database": "unreachable"}',
    ]
    assert "canary-b2d8" not in result.stdout


def test_an_unreachable_sqlite_is_said_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'missing' / 'portcullis.sqlite3'}"
    result = run(production_environment(tmp_path, DATABASE_URL=url), "-c", ASK)
    assert answers(result.stdout)[1] == '/readyz 503 {"status": "unavailable", "database": "unreachable"}'


def test_an_empty_database_is_not_ready(tmp_path: Path) -> None:
    result = run(production_environment(tmp_path, DATABASE_URL=None), "-c", ASK)
    assert answers(result.stdout)[1] == (
        '/readyz 503 {"status": "unavailable", "database": "migrations are pending"}'
    )
