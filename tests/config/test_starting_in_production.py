"""Without its secrets, or with bad ones, nothing starts; with good ones there is nothing to warn of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.production import SECRETS, manage, production_environment, run

SHORT = "w7Vq2nLk9XcTf4RzH8bYpM3sJ6dGa1U"
SAMPLE = "change-me-w7Vq2nLk9XcTf4RzH8bYpM3sJ6dGa1UoE5iQxNvZ"


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", [None, "", SHORT, SAMPLE])
def test_a_bad_secret_stops_it_and_is_named_but_not_shown(
    tmp_path: Path, name: str, value: str | None
) -> None:
    result = manage(production_environment(tmp_path, **{name: value}), "check")
    assert result.returncode != 0
    assert f"{name} " in result.stdout
    if value:
        assert value not in result.stdout


@pytest.mark.parametrize("start", ["config.wsgi", "config.celery"])
def test_neither_the_web_nor_a_worker_starts_without_secrets(tmp_path: Path, start: str) -> None:
    environment = production_environment(tmp_path, **dict.fromkeys(SECRETS))
    program = f"import {start} as module; getattr(module, 'app', None) and module.app.conf.broker_url"
    result = run(environment, "-c", program)
    assert result.returncode != 0
    assert "PORTCULLIS_SECRET_KEY is not set" in result.stdout


def test_it_makes_no_secrets_of_its_own(tmp_path: Path) -> None:
    manage(production_environment(tmp_path, **dict.fromkeys(SECRETS)), "check")
    assert list(tmp_path.iterdir()) == []


def test_a_secret_in_a_file_is_as_good(tmp_path: Path) -> None:
    changes: dict[str, str | None] = {}
    for name, value in SECRETS.items():
        path = tmp_path / name
        path.write_text(f"{value}\n")
        changes |= {name: None, f"{name}_FILE": str(path)}
    result = manage(production_environment(tmp_path, **changes), "check")
    assert result.returncode == 0, result.stdout


def test_a_good_environment_has_nothing_to_warn_of(tmp_path: Path) -> None:
    """The environment is that of `production.production_environment`: https, secrets, PostgreSQL, Redis."""
    result = manage(production_environment(tmp_path), "check", "--deploy", "--fail-level", "DEBUG")
    assert result.returncode == 0, result.stdout
    assert "no issues (0 silenced)" in result.stdout


def test_debugging_can_not_be_switched_on(tmp_path: Path) -> None:
    environment = production_environment(tmp_path, DEBUG="1", PORTCULLIS_DEBUG="1", DJANGO_DEBUG="1")
    result = run(environment, "-c", "import config.settings as settings; print(settings.DEBUG)")
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    "url", ["", "portcullis.test", "ftp://portcullis.test", "https://", "//portcullis.test"]
)
def test_a_public_address_that_is_none_stops_it(tmp_path: Path, url: str) -> None:
    result = manage(production_environment(tmp_path, PORTCULLIS_PUBLIC_URL=url), "check")
    assert result.returncode != 0
    assert "PORTCULLIS_PUBLIC_URL must be an absolute http(s) URL" in result.stdout


def test_the_quickstart_does_not_run_there(tmp_path: Path) -> None:
    result = manage(production_environment(tmp_path), "quickstart")
    assert result.returncode != 0
    assert "The quickstart is for development." in result.stdout
    assert "Traceback" not in result.stdout
