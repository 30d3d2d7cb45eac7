"""The origin a key is bound to is the one a request to that URL would connect to."""

from __future__ import annotations

import pytest
import requests
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from catalog.outbound import origin_of

PORTS = {"http": 80, "https": 443}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.opsgenie.com", "https://api.opsgenie.com:443"),
        ("HTTPS://API.Opsgenie.COM/v2/?q=1#x", "https://api.opsgenie.com:443"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
        ("http://opsgenie:8000/", "http://opsgenie:8000"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://[2606:4700::1111]", "http://[2606:4700::1111]:80"),
        ("https://api.opsgenie.com:", "https://api.opsgenie.com:443"),
        ("https://api.opsgenie.com:0443", "https://api.opsgenie.com:443"),
        ("http://api.opsgenie.com:443", "http://api.opsgenie.com:443"),
    ],
)
def test_it_is_written_in_one_way(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.opsgenie.com",
        "//api.opsgenie.com",
        "/v2/alerts",
        "ftp://api.opsgenie.com",
        "file:///etc/passwd",
        "https://",
        "https:///v2",
        "https://:443",
        "https://user@api.opsgenie.com",
        "https://user:password@api.opsgenie.com",
        "https://:password@api.opsgenie.com",
        "https://@api.opsgenie.com",
        "https://api.opsgenie.com:0",
        "https://api.opsgenie.com:65536",
        "https://api.opsgenie.com:x",
        "https://api.opsgenie.com:-1",
        "https://api.opsgenie.com:+80",
        "https://api.opsgenie.com:８０",
        "https://api.opsgenie.com\\@attacker.example",
        "https:\\\\api.opsgenie.com",
        " https://api.opsgenie.com",
        "https://api.opsgenie.com ",
        "https://api.ops\tgenie.com",
        "https://api.opsgenie.com\r\nHost: attacker.example",
        "https://api.opsgenie.com\x00",
        "https://ap\u0456.opsgenie.com",
        "https://\u212apserver.example",
        "https://[::1",
        "https://[nonsense]",
    ],
    ids=repr,
)
def test_anything_else_has_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin_of(url)


def connected_to(url: str) -> str | None:
    """Where requests would connect to, None when it refuses the URL."""
    try:
        prepared = requests.Request("GET", url).prepare().url
        parts = parse_url(prepared)
    except (requests.RequestException, LocationParseError, ValueError):
        return None
    return f"{parts.scheme}://{parts.host}:{parts.port or PORTS.get(parts.scheme or '')}"


URL_PIECES = st.sampled_from(
    ["http", "https", "HTTP", "://", ":", "/", "//", "@", "#", "?", "[", "]", "%", "%2f", "%40", "\\", ".",
     "..", "a", "B", "-", "_", "api.example", "attacker.example", "127.0.0.1", "::1", "80", "443", "0",
     "65536", "user", "pw", "\t", "\n", " ", "\x00", "é", "ß", "K", "①", "。", "；", "'", '"', "<", "+", "*",
     ";", "&", "=", ",", "~", "!", "$", "(", ")", "|", "^", "`", "{", "}"]
)  # fmt: skip


@given(st.one_of(st.lists(URL_PIECES, max_size=12).map("".join),
                 st.lists(URL_PIECES, max_size=10).map(lambda pieces: "http://" + "".join(pieces)),
                 st.lists(URL_PIECES, max_size=8).map(lambda pieces: "https://api.example" + "".join(pieces)),
                 st.text(max_size=30).map(lambda text: "http://" + text)))  # fmt: skip
@hypothesis_settings(max_examples=1500)
@example("http://api.example\\@attacker.example")
@example("http://api.example#@attacker.example")
@example("http://attacker.example[::1]")
@example("http://[::1]attacker.example")
def test_a_url_with_an_origin_is_connected_to_there_or_not_at_all(url: str) -> None:
    try:
        origin = origin_of(url)
    except ValueError:
        return
    assert connected_to(url) in (origin, None)


@given(
    scheme=st.sampled_from(["http", "https"]),
    host=st.from_regex(
        r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?(\.[a-zA-Z][a-zA-Z0-9]{1,10}){0,3}", fullmatch=True
    ),
    port=st.one_of(st.none(), st.integers(1, 65535)),
    path=st.from_regex(r"(/[a-zA-Z0-9._~%-]{0,10}){0,3}", fullmatch=True),
)
def test_every_ordinary_url_has_one_and_keeps_it_whatever_the_path(
    scheme: str, host: str, port: int | None, path: str
) -> None:
    url = f"{scheme}://{host}" + (f":{port}" if port else "")
    assert origin_of(url + path) == f"{scheme}://{host.lower()}:{port or PORTS[scheme]}"
    assert origin_of(origin_of(url)) == origin_of(url)
