"""One variable each switches the database and the queue; the unknown is refused without its password."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.config.production import production_environment, run

PASSWORD = "canary-a7f3"

READ = """
import json, config.settings as settings
print(json.dumps({name: getattr(settings, name) for name in (
    "DATABASES", "CELERY_BROKER_URL", "CELERY_BROKER_TRANSPORT_OPTIONS", "CELERY_ACCEPT_CONTENT",
    "CELERY_TASK_SERIALIZER", "CELERY_TASK_IGNORE_RESULT", "PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS",
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT",
    "ALLOWED_HOSTS")}))
"""


def settings_in(folder: Path, **changes: str | None) -> dict[str, Any]:
    result = run(production_environment(folder, **changes), "-c", READ)
    assert result.returncode == 0, result.stdout
    return json.loads(result.stdout)


def test_without_a_variable_both_are_files_of_ones_own(tmp_path: Path) -> None:
    read = settings_in(tmp_path, DATABASE_URL=None, REDIS_URL=None)
    database = read["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(tmp_path / "portcullis.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]
    assert read["CELERY_BROKER_URL"] == "filesystem://localhost"
    assert read["CELERY_BROKER_TRANSPORT_OPTIONS"]["data_folder_in"].startswith(str(tmp_path))


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_an_empty_variable_is_none(tmp_path: Path, name: str) -> None:
    """As compose files and charts pass what nobody has set."""
    read = settings_in(tmp_path, **{name: ""})
    without = settings_in(tmp_path, **{name: None})
    assert read == without


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_url_is_taken_with_its_options(tmp_path: Path, scheme: str) -> None:
    url = f"{scheme}://portcullis:p%40ss@db.test:6432/gate?sslmode=require"
    database = settings_in(tmp_path, DATABASE_URL=url)["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.test", 6432, "gate")
    assert (database["USER"], database["PASSWORD"]) == ("portcullis", "p@ss")
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["CONN_MAX_AGE"] > 0
    assert database["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://user:{PASSWORD}@db.test/gate",
        f"oracle://user:{PASSWORD}@db.test/gate",
        f"mssql://user:{PASSWORD}@db.test/gate",
        f"redshift://user:{PASSWORD}@db.test/gate",
        f"mongodb://user:{PASSWORD}@db.test/gate",
        f"user:{PASSWORD}@db.test/gate",
        f"//user:{PASSWORD}@db.test/gate",
        f"postgres://user:{PASSWORD}@db.test:port/gate",
        f"postgres://user:{PASSWORD}@db.test/",
        PASSWORD,
    ],
)
def test_anything_else_is_refused_without_its_password(tmp_path: Path, url: str) -> None:
    result = run(production_environment(tmp_path, DATABASE_URL=url), "-c", READ)
    assert result.returncode != 0
    assert "DATABASE_URL must name a PostgreSQL or SQLite database" in result.stdout
    assert PASSWORD not in result.stdout


def test_a_redis_url_is_taken(tmp_path: Path) -> None:
    assert settings_in(tmp_path)["CELERY_BROKER_URL"] == "redis://queue.test:6379/0"


@pytest.mark.parametrize(
    "url", ["amqp://u:{0}@queue.test//", "sqs://", "http://u:{0}@queue.test", "queue.test:6379"]
)
def test_another_kind_of_queue_is_refused_without_its_password(tmp_path: Path, url: str) -> None:
    result = run(production_environment(tmp_path, REDIS_URL=url.format(PASSWORD)), "-c", READ)
    assert result.returncode != 0
    assert "REDIS_URL must begin with one of redis://" in result.stdout
    assert PASSWORD not in result.stdout


def test_only_json_is_taken_from_the_queue_and_nothing_is_answered(tmp_path: Path) -> None:
    read = settings_in(tmp_path)
    assert (read["CELERY_ACCEPT_CONTENT"], read["CELERY_TASK_SERIALIZER"]) == (["json"], "json")
    assert read["CELERY_TASK_IGNORE_RESULT"] is True


def test_private_upstreams_are_refused_unless_asked_for(tmp_path: Path) -> None:
    assert settings_in(tmp_path)["PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS"] is False
    allowed = settings_in(tmp_path, PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS="1")
    assert allowed["PORTCULLIS_ALLOW_PRIVATE_UPSTREAMS"] is True


def test_an_https_address_makes_cookies_secure_and_redirects(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
    https = settings_in(tmp_path)
    assert [https[name] for name in names] == [True, True, True]
    assert https["SECURE_HSTS_SECONDS"] > 0
    plain = settings_in(tmp_path, PORTCULLIS_PUBLIC_URL="http://portcullis.test")
    assert [plain[name] for name in names] == [False, False, False]
    assert plain["SECURE_HSTS_SECONDS"] == 0


def test_only_its_own_host_is_answered_for(tmp_path: Path) -> None:
    assert settings_in(tmp_path)["ALLOWED_HOSTS"] == ["portcullis.test"]
