"""Reading settings from the environment, and refusing to start on the ones that would be unsafe."""

from __future__ import annotations

import contextlib
import os
import secrets
import warnings
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

MINIMUM_SECRET_LENGTH = 32
# Strings people paste from examples. Compared without regard to case, as part of the value.
SAMPLE_WORDS = ("change-me", "changeme", "change_me", "example", "insecure", "password", "replace", "sample")

DATABASE_ENGINES = ("django.db.backends.postgresql", "django.db.backends.sqlite3")
REDIS_SCHEMES = ("redis://", "rediss://", "redis+socket://")

env = environ.Env()


def database_settings(name: str, *, default: str) -> dict[str, Any]:
    """Django's settings for the database URL in the variable `name`; an empty one counts as not set.

    Raises ImproperlyConfigured for anything but PostgreSQL and SQLite, without showing the URL.
    """
    found: dict[str, Any] = {}
    # The parser's warning about an unknown engine, and its errors, would show the password.
    with warnings.catch_warnings(), contextlib.suppress(ValueError):
        warnings.simplefilter("ignore")
        found = env.db_url_config(os.environ.get(name, "").strip() or default)
    if found.get("ENGINE") not in DATABASE_ENGINES or not found.get("NAME"):
        raise ImproperlyConfigured(
            f"{name} must name a PostgreSQL or SQLite database, as in postgres://user:password@host/name. "
            "Characters like # and / in the password are written as %23 and %2F."
        )
    return found


def redis_url(name: str) -> str:
    """The Redis URL in the variable `name`, empty when there is none."""
    url = os.environ.get(name, "").strip()
    if url and not url.startswith(REDIS_SCHEMES):
        raise ImproperlyConfigured(f"{name} must begin with one of {', '.join(REDIS_SCHEMES)}.")
    return url


def secret(name: str, *, development_directory: Path | None) -> str:
    """The secret `name`, from the variable, else from the file that `<name>_FILE` names.

    With `development_directory` a missing secret is made once and kept there, readable by its owner only.
    Raises ImproperlyConfigured when it is missing, short, a sample, or its file can't be read.
    """
    value = _from_environment(name)
    if value is None and development_directory is not None:
        value = _development_secret(name, development_directory)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it, or {name}_FILE, to a random value of at least "
            f"{MINIMUM_SECRET_LENGTH} characters. One way to make one: openssl rand -base64 48"
        )
    refuse_weak(name, value)
    return value


def secret_list(name: str, *, development_directory: Path | None) -> list[str]:
    """The comma-separated secrets in `name`: the first is used for new data, all are accepted."""
    values = [
        part.strip()
        for part in secret(name, development_directory=development_directory).split(",")
        if part.strip()
    ]
    for value in values:
        refuse_weak(name, value)
    if len(set(values)) != len(values):
        raise ImproperlyConfigured(f"{name} holds the same secret twice. Remove the repeated one.")
    return values


def refuse_weak(name: str, value: str) -> None:
    """Raise ImproperlyConfigured for a secret that is short, a sample, or a repeated pattern."""
    problem = ""
    if len(value) < MINIMUM_SECRET_LENGTH:
        problem = f"is shorter than {MINIMUM_SECRET_LENGTH} characters"
    elif any(word in value.lower() for word in SAMPLE_WORDS):
        problem = "looks like a sample value"
    elif len(set(value)) < 10 or value in (value + value)[1:-1]:
        problem = "repeats a pattern"
    if problem:
        # The value itself is never part of the message: it may be a real secret with a typing mistake.
        raise ImproperlyConfigured(f"{name} {problem}. Use a random one: openssl rand -base64 48")


def _from_environment(name: str) -> str | None:
    value = os.environ.get(name, "").strip()
    if value:
        return value
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE can't be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        # Not chained: the decoder's error holds the bytes.
        raise ImproperlyConfigured(f"{name}_FILE can't be read: it is not UTF-8 text.") from None


def _development_secret(name: str, directory: Path) -> str:
    path = directory / name.lower()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        temporary = directory / f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        # A link appears whole and only once: of two processes that start at once both read the same secret,
        # and neither reads half of it.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
    return path.read_text(encoding="utf-8").strip()
