"""What must not leave with an answer: our own key, keys and signatures that Opsgenie puts into its texts."""

from __future__ import annotations

import re
from collections.abc import Mapping

REMOVED = "[removed]"

# A key in a header or query, and the signed part of a download link (S3's and Google's parameter names).
_SECRETS = re.compile(
    r"(GenieKey\s+|api_?key\s*[=:]\s*\"?|X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)=|\bSignature=)"
    r"[^\s\"'&,;]+",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(
    r"api[_-]?key|password|passwd|secret|private[_-]?key|access[_-]?token", re.IGNORECASE
)

# Everything below space but tab and newline, delete, and the bidirectional overrides that reorder a line.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def clean_text(value: str, *, limit: int) -> str:
    """Without control characters and secrets, at most `limit` characters."""
    kept = _SECRETS.sub(rf"\g<1>{REMOVED}", _CONTROL.sub("", value[: limit + 1000]))
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def clean_line(value: str, *, limit: int) -> str:
    """The same on a single line, so that a text can't pass for the lines around it."""
    return clean_text(" ".join(value[: limit + 1000].split()), limit=limit)


def names_a_secret(name: str) -> bool:
    """Whether a field of this name holds a secret, whatever its value looks like."""
    return _SECRET_NAME.search(name) is not None


def without_credential(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The body with our own credential cut out, should the upstream echo it.

    `headers` are the request's: their values, with and without the scheme word, are what must not come back.
    """
    for value in headers.values():
        for secret in {value, value.rpartition(" ")[2]}:
            # Shorter values would cut up ordinary text; no Opsgenie key is shorter than 36.
            if len(secret) >= 8:
                body = body.replace(secret.encode("utf-8", "replace"), REMOVED.encode())
    return body
