"""Hashes that only this installation can compute, and that survive a change of its key."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def keyed_hash(purpose: str, value: bytes | str) -> str:
    """HMAC-SHA256 of `value` under the newest hash key, as 64 hex digits.

    `purpose` keeps hashes of equal values for different uses apart.
    """
    return _hash(settings.PORTCULLIS_HASH_KEYS[0], purpose, value)


def matches(purpose: str, value: bytes | str, stored: str) -> bool:
    """Whether `stored` is the keyed hash of `value` under any accepted key, in constant time a key."""
    # Every key is tried, so that the time taken doesn't tell which one fits.
    results = [
        hmac.compare_digest(_hash(key, purpose, value), stored) for key in settings.PORTCULLIS_HASH_KEYS
    ]
    return any(results)


def _hash(key: str, purpose: str, value: bytes | str) -> str:
    data = value.encode() if isinstance(value, str) else value
    return hmac.new(key.encode(), purpose.encode() + b"\0" + data, hashlib.sha256).hexdigest()
