"""A file's way to Opsgenie: bytes as they are, under a name that stays a name, and not too many of them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import orjson
import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import parse_form_data

from catalog.connectors.base import Certainty, ConnectorError, ToolResult
from catalog.connectors.opsgenie.domains.attachments import MOST_BYTES

from .conftest import PERSON
from .upstream import Asked, Reply, Upstream

Call = Callable[..., ToolResult]
ADDED = Reply(201, {"result": "Attachment added", "data": {"id": "5"}, "requestId": "r-1"})


def form_of(asked: Asked) -> tuple[dict[str, str], dict[str, FileStorage]]:
    """The fields and files, read by somebody else's parser."""
    environ = {
        "wsgi.input": BytesIO(asked.raw),
        "CONTENT_TYPE": asked.headers["Content-Type"],
        "CONTENT_LENGTH": str(len(asked.raw)),
        "REQUEST_METHOD": "POST",
    }
    _, fields, files = parse_form_data(environ)
    return fields.to_dict(), files.to_dict()


def attachment(content: bytes, **more: Any) -> dict[str, Any]:
    encoded = base64.b64encode(content).decode()
    return {"identifier": "1791", "file_name": "graph.png", "content_base64": encoded, **more}


def test_a_file_travels_in_a_form(upstream: Upstream, call: Call) -> None:
    upstream.answer(ADDED)
    content = bytes(range(256)) + b"\r\n--boundary--\r\n"
    result = call("add_alert_attachment", **attachment(content, index_file="index.html"))

    asked = upstream.asked[0]
    assert (asked.method, asked.path) == ("POST", "/v2/alerts/1791/attachments")
    assert asked.query == {"alertIdentifierType": "tiny"}
    assert asked.headers["Authorization"].startswith("GenieKey ")
    fields, files = form_of(asked)
    assert fields == {"user": PERSON, "indexFile": "index.html"}
    assert list(files) == ["file"]
    assert (files["file"].filename, files["file"].read()) == ("graph.png", content)
    assert result.structured == {"result": "Attachment added", "id": "5"}


@pytest.mark.parametrize("name", ['a"; name="user', "grün ✓.png", "a;b=c", "-- boundary"])
def test_a_name_stays_a_name(upstream: Upstream, call: Call, name: str) -> None:
    upstream.answer(ADDED)
    call("add_alert_attachment", **attachment(b"x", file_name=name))
    fields, files = form_of(upstream.asked[0])
    assert fields == {"user": PERSON}
    assert files["file"].filename == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"content_base64": "not base64"},
        {"content_base64": "abc"},
        {"content_base64": "A" * 4 * (MOST_BYTES // 3 + 2)},
        {"content_base64": ""},
        {"file_name": "../../etc/passwd"},
        {"file_name": "a\r\nX-Header: b"},
        {"file_name": ""},
    ],
)
def test_what_is_no_file_is_not_sent(upstream: Upstream, call: Call, wrong: dict[str, str]) -> None:
    with pytest.raises(ConnectorError) as caught:
        call("add_alert_attachment", **{**attachment(b"x"), **wrong})
    assert (caught.value.code, caught.value.certainty) == ("arguments_invalid", Certainty.NOT_SENT)
    assert upstream.asked == []


def test_the_largest_file_fits_into_one_request_to_portcullis(
    upstream: Upstream, call: Call, settings: Any
) -> None:
    upstream.answer(ADDED)
    arguments = attachment(b"\x00" * MOST_BYTES)
    assert len(orjson.dumps(arguments)) < settings.PORTCULLIS_MCP_MAX_BODY_BYTES * 0.7
    call("add_alert_attachment", **arguments)
    assert len(form_of(upstream.asked[0])[1]["file"].read()) == MOST_BYTES


def test_an_upload_without_an_answer_is_uncertain(upstream: Upstream, call: Call) -> None:
    upstream.answer(Reply(cut=True))
    with pytest.raises(ConnectorError) as caught:
        call("add_alert_attachment", **attachment(b"x"))
    assert caught.value.certainty is Certainty.UNCERTAIN
