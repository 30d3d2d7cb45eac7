"""The text of a personal access token: `pct_<12 public>_<40 secret><6 checksum>`.

The prefix lets secret scanners recognise a leaked one, the public part names it in logs, and the checksum
(CRC-32 of all before it, as GitHub's tokens have) rejects a mistyped one without a look at the database.
"""

from __future__ import annotations

import re
import secrets
import string
import zlib

PREFIX = "pct"
_ALPHABET = string.digits + string.ascii_letters
_SHAPE = re.compile(rf"{PREFIX}_([0-9A-Za-z]{{12}})_([0-9A-Za-z]{{40}})([0-9A-Za-z]{{6}})\Z")


def new_token_text() -> tuple[str, str]:
    """A fresh public id and the whole token text, with 238 bits of secret."""
    public_id = _random(12)
    body = f"{PREFIX}_{public_id}_{_random(40)}"
    return public_id, body + _checksum(body)


def public_id_of(text: str) -> str | None:
    """The public id of a well-formed token text, None for anything else."""
    match = _SHAPE.match(text)
    if match is None or _checksum(text[:-6]) != match.group(3):
        return None
    return match.group(1)


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
