from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.arguments import REDACTED, arguments_digest, redacted

CANARY = "CanaryOfTheseTests7"
MOST_BYTES = 150_000
MOST_SECONDS = 1.0

SECRET_NAMES = st.sampled_from(
    ["api_key", "apiKey", "API-KEY", "Authorization", "credential", "passwd", "password", "privateKey",
     "client_secret", "token", "accessToken", "GenieKey"]
)  # fmt: skip
SECRET_TEXTS = st.sampled_from(
    [
        f"GenieKey {CANARY}",
        f"authorization: geniekey   {CANARY}",
        f"Bearer {CANARY}",
        f"Basic {CANARY}==",
        f"pct_{CANARY}_{CANARY}",
        f"https://{CANARY}:{CANARY}@example.com/path",
        f"postgres://portcullis:{CANARY}@db:5432/x",
        f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n{CANARY}\n-----END PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}",
        f"api_key={CANARY}",
        f"https://example.com/?x=1&apiKey={CANARY}&y=2",
        f'password: "{CANARY}"',
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
)
PLAIN = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=10), inner)
)


@st.composite
def with_secrets(draw: st.DrawFn) -> Any:
    """JSON in which every canary is a secret: by its name, or by the words around it."""
    surrounded = st.builds(lambda a, secret, b: f"{a} {secret} {b}", st.text(), SECRET_TEXTS, st.text())
    leaf = SCALARS | surrounded
    name = st.text(max_size=10) | surrounded
    named = st.dictionaries(SECRET_NAMES, st.recursive(st.just(CANARY), st.lists), min_size=1)
    return draw(
        st.recursive(
            leaf | named, lambda inner: st.lists(inner) | st.dictionaries(name, inner), max_leaves=30
        )
    )


def stored(value: Any) -> str:
    """The text that the audit row's column gets. Raises where it isn't JSON that both databases take."""
    text = json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)
    assert "\\u0000" not in text, "PostgreSQL refuses it"
    return text


@given(PLAIN)
def test_any_json_in_gives_json_out(value: Any) -> None:
    assert json.loads(stored(redacted(value))) == redacted(value)


@given(with_secrets())
@settings(max_examples=80)
def test_no_secret_comes_out(value: Any) -> None:
    assert CANARY not in json.dumps(redacted(value))


@pytest.mark.parametrize("length", [0, 500, 2_900, 3_940, 3_970, 3_985, 3_995, 4_000, 5_000])
@pytest.mark.parametrize("filler", ["x ", f"Bearer {'x' * 100} "])
@pytest.mark.parametrize("secret", ["https://mia:{}@example.com", "Basic {}", "token={}", "GenieKey {}"])
def test_no_secret_is_cut_past_recognition(length: int, filler: str, secret: str) -> None:
    """The fillers are replaced by something shorter, so what lies far behind moves to the front."""
    text = (filler * 5_000)[:length] + " " + secret.format(CANARY * 3)
    shown = str(redacted(text))
    assert not any(CANARY[:size] in shown for size in range(6, len(CANARY)))


def test_what_is_no_secret_stays() -> None:
    value = {"message": "Disk full on db-1", "tags": ["db", 3, None, True, 1.5], "details": {"zone": "eu-1"}}
    assert redacted(value) == value


def test_a_secret_name_hides_whatever_it_holds() -> None:
    assert redacted({"apiKey": {"deep": [1, 2]}, "token": 5, "name": "x"}) == {
        "apiKey": REDACTED,
        "token": REDACTED,
        "name": "x",
    }


def test_long_parts_are_shortened_and_say_so() -> None:
    shown = redacted({"note": "word " * 5_000, "list": list(range(900)), "deep": [[[[[[[["x"]]]]]]]]})
    assert shown["note"].startswith("word word")
    assert shown["note"].endswith("… [25,000 characters]")
    assert len(shown["note"]) < 1_100
    assert shown["list"] == list(range(50))
    assert "[too deep]" in str(shown["deep"])


HUGE = {
    "one text": "a" * 1_000_000,
    "one text of almost URLs": "a://a:" * 170_000,
    "one text of almost keys": "-----BEGIN " * 90_000,
    "one text of names of secrets": "token" * 200_000,
    "one text of spaces": " " * 1_000_000,
    "one name": {"n" * 1_000_000: 1},
    "many texts": ["b" * 400] * 2_500,
    "many texts in lists in lists": [[["c" * 400] * 50] * 50] * 50,
    "many names": {f"{number:0400}": number for number in range(2_500)},
    "wide and deep": [[[[[["d"] * 50] * 50] * 50] * 50] * 50] * 50,
    "deep": None,
}
for _ in range(900):
    HUGE["deep"] = [HUGE["deep"]]  # type: ignore[list-item]


@pytest.mark.parametrize("kind", HUGE)
def test_size_and_time_are_bounded(kind: str) -> None:
    started = time.perf_counter()
    shown = redacted(HUGE[kind])
    assert time.perf_counter() - started < MOST_SECONDS
    assert len(stored(shown)) < MOST_BYTES


@given(st.dictionaries(st.text(max_size=8), SCALARS, max_size=5))
def test_equal_arguments_have_equal_digests_whatever_their_order(arguments: dict[str, Any]) -> None:
    turned = dict(reversed(arguments.items()))
    assert arguments_digest(arguments) == arguments_digest(turned)
    assert arguments_digest(arguments) != arguments_digest({**arguments, "one more": 1})
