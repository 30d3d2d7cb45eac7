"""Secrets come from a variable or the file it names; weak ones are refused without being repeated."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.env import refuse_weak, secret, secret_list

NAME = "PORTCULLIS_TRIAL_KEY"
GOOD = "w7Vq2nLk9XcTf4RzH8bYpM3sJ6dGa1UoE5iQxNvZ"
OTHER = "Zt5Yb8Wq1Xn4Cv7Mk0Lj3Hg6Fd9Sa2Po5Iu8Yt1R"


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)


def refusal(*, value: str | None = None, file: Path | None = None) -> str:
    with pytest.MonkeyPatch.context() as environment:
        if value is not None:
            environment.setenv(NAME, value)
        if file is not None:
            environment.setenv(f"{NAME}_FILE", str(file))
        with pytest.raises(ImproperlyConfigured) as caught:
            secret(NAME, development_directory=None)
    return str(caught.value)


def test_the_variable_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, f"  {GOOD}\n")
    assert secret(NAME, development_directory=None) == GOOD


def test_the_file_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{GOOD}\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(path))
    assert secret(NAME, development_directory=None) == GOOD


def test_the_variable_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(OTHER)
    monkeypatch.setenv(NAME, GOOD)
    monkeypatch.setenv(f"{NAME}_FILE", str(path))
    assert secret(NAME, development_directory=None) == GOOD


@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_missing_one_is_named_with_a_way_to_make_it(value: str | None) -> None:
    message = refusal(value=value)
    assert message.startswith(f"{NAME} is not set.")
    assert "openssl rand" in message


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (GOOD[:31], "shorter than 32"),
        ("x", "shorter than 32"),
        ("change-me-change-me-change-me-1234567890", "sample"),
        (f"CHANGEME-{GOOD}", "sample"),
        (f"django-insecure-{GOOD}", "sample"),
        (f"{GOOD}-Example", "sample"),
        ("a" * 64, "repeats"),
        ("abcabcabc" * 8, "repeats"),
        ("0123456789" * 4, "repeats"),
    ],
)
def test_a_weak_one_is_refused_without_being_repeated(value: str, problem: str) -> None:
    message = refusal(value=value)
    assert message.startswith(NAME)
    assert problem in message
    assert len(value) == 1 or value not in message


@given(st.text(min_size=1, max_size=80))
def test_the_value_is_never_in_the_message(value: str) -> None:
    message = ""
    try:
        refuse_weak("A_NAME", value)
    except ImproperlyConfigured as error:
        message = str(error)
    assert bool(message) or len(value) >= 32
    # A short text can be part of the sentence by chance.
    assert len(value) < 8 or value not in message


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    assert refusal(file=tmp_path / "missing") == f"{NAME}_FILE can't be read: No such file or directory."


def test_a_folder_in_its_place_stops_the_start(tmp_path: Path) -> None:
    assert refusal(file=tmp_path) == f"{NAME}_FILE can't be read: Is a directory."


def test_an_empty_file_is_a_short_secret(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("\n")
    assert "shorter than 32" in refusal(file=path)


def test_a_file_that_is_not_text_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"\xff\xfe" + GOOD.encode("utf-16-le"))
    assert refusal(file=path) == f"{NAME}_FILE can't be read: it is not UTF-8 text."


def test_an_unreadable_file_is_not_replaced_by_a_secret_of_ones_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured):
        secret(NAME, development_directory=tmp_path)


# --- Lists ---------------------------------------------------------------------------------------------


def listed(value: str) -> list[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(NAME, value)
        return secret_list(NAME, development_directory=None)


def test_a_list_keeps_its_order() -> None:
    assert listed(f"{GOOD}, {OTHER},") == [GOOD, OTHER]


@pytest.mark.parametrize(
    "value", [f"{GOOD},short", f"{GOOD},{OTHER[:31]}", f"{GOOD},{'a' * 40}", f"sample{GOOD},{OTHER}"]
)
def test_each_of_a_list_must_be_strong(value: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        listed(value)
    assert GOOD not in str(caught.value)


def test_the_same_one_twice_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="same secret twice") as caught:
        listed(f"{GOOD},{OTHER},{GOOD}")
    assert GOOD not in str(caught.value)


def test_a_list_of_nothing_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        listed("," * 40)
    with pytest.raises(ImproperlyConfigured):
        listed(", " * 40)


# --- Development ---------------------------------------------------------------------------------------


def test_in_development_one_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = secret(NAME, development_directory=folder)
    assert secret(NAME, development_directory=folder) == first
    assert len(first) >= 64
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_two_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    for attempt in range(20):
        folder, found = tmp_path / str(attempt), []
        barrier = threading.Barrier(4)

        def start(
            folder: Path = folder, found: list[str] = found, barrier: threading.Barrier = barrier
        ) -> None:
            barrier.wait()
            try:
                found.append(secret(NAME, development_directory=folder))
            except ImproperlyConfigured as error:
                found.append(str(error))

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len(set(found)) == 1, found


def test_the_tests_own_environment_names_no_real_secret() -> None:
    assert os.environ["PORTCULLIS_SECRET_KEY"].startswith("tests-only")
