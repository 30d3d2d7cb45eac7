from __future__ import annotations

from typing import Any

import pytest
from django.core import signing
from django.db import connection as database

from tests.conftest import disable
from tests.connectors import FEW
from tests.gateway.conftest import Gateway
from tests.wire import VERSIONS, Connection, connect, error_of
from tools.models import Tool

ALL = sorted(f"opsgenie_{name}" for name in FEW)


@pytest.fixture(autouse=True)
def pages_of_two(settings: Any) -> None:
    settings.PORTCULLIS_TOOLS_PAGE_SIZE = 2


def page(connection: Connection, cursor: str | None = None) -> tuple[list[str], str | None]:
    """The names on a page and the way to the next one."""
    result = connection.result("tools/list", {} if cursor is None else {"cursor": cursor})
    return [tool["name"] for tool in result["tools"]], result.get("nextCursor")


def whole(connection: Connection, cursor: str | None = None) -> list[str]:
    """Every name from this page on."""
    names, following = page(connection, cursor)
    return names + (whole(connection, following) if following else [])


@pytest.mark.parametrize("version", VERSIONS)
def test_all_pages_together_are_the_list(gateway: Gateway, version: str) -> None:
    connection = gateway.connect(version)
    first, cursor = page(connection)
    assert first == ALL[:2]
    second, cursor = page(connection, cursor)
    assert second == ALL[2:4]
    third, cursor = page(connection, cursor)
    assert third == ALL[4:]
    assert cursor is None


@pytest.mark.parametrize("size", [1, 3, 5, 6, 7, 100])
def test_whatever_the_size(gateway: Gateway, settings: Any, size: int) -> None:
    settings.PORTCULLIS_TOOLS_PAGE_SIZE = size
    assert whole(gateway.connect()) == ALL


def test_every_page_lasts_as_long_and_is_as_private(gateway: Gateway) -> None:
    connection = gateway.connect()
    first = connection.result("tools/list")
    second = connection.result("tools/list", {"cursor": first["nextCursor"]})
    assert {(part["cacheScope"], part["ttlMs"]) for part in (first, second)} == {("private", 30_000)}


@pytest.mark.parametrize("vanished", ALL)
def test_a_tool_that_vanishes_between_pages_moves_no_other(gateway: Gateway, vanished: str) -> None:
    connection = gateway.connect()
    first, cursor = page(connection)
    disable(vanished)
    assert first + whole(connection, cursor) == [name for name in ALL if name != vanished or name in first]


def test_a_tool_that_appears_between_pages_moves_no_other(gateway: Gateway) -> None:
    disable(ALL[0], ALL[3])
    connection = gateway.connect()
    first, cursor = page(connection)
    Tool.objects.filter(client_name__in=(ALL[0], ALL[3])).update(state="approved")
    assert first + whole(connection, cursor) == ALL[1:]


def test_a_last_page_that_vanished_is_empty(gateway: Gateway) -> None:
    connection = gateway.connect()
    _, cursor = page(connection)
    disable(*ALL[2:])
    assert page(connection, cursor) == ([], None)


def test_another_persons_cursor_shows_nothing_of_theirs(gateway: Gateway, otto: Any) -> None:
    _, cursor = page(gateway.connect())
    assert page(connect(otto), cursor) == ([], None)


def test_a_cursor_is_taken_as_it_was_given_or_not_at_all(gateway: Gateway) -> None:
    connection = gateway.connect()
    _, cursor = page(connection)
    assert cursor is not None
    middle = len(cursor) // 2
    forged = [
        "",
        "x",
        cursor[:-1],
        cursor + "x",
        cursor.swapcase(),
        cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :],
        ALL[1],
        signing.dumps(ALL[1]),
        signing.dumps(ALL[1], salt="another purpose"),
        "\0",
    ]
    for text in forged:
        assert error_of(connection.request("tools/list", {"cursor": text})) == (400, -32602, 7), text


@pytest.mark.parametrize("cursor", [5, [], {}, True])
def test_a_cursor_is_text(gateway: Gateway, cursor: Any) -> None:
    assert error_of(gateway.connect().request("tools/list", {"cursor": cursor})) == (400, -32602, 7)


def test_pages_are_whole_in_a_database_that_sorts_like_a_dictionary(gateway: Gateway) -> None:
    """Most PostgreSQL databases sort by language: capitals beside small letters, `_` and `-` ignored."""
    if database.vendor == "postgresql":
        with database.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                'ALTER TABLE tools_tool ALTER COLUMN client_name TYPE varchar(48) COLLATE "en-x-icu"'
            )
    names = ["opsgenie_B", "opsgenie_a", "opsgenie-b", "opsgenie_C", "opsgenieA", "opsgenie_c-d"]
    for tool, name in zip(Tool.objects.order_by("pk"), names, strict=True):
        Tool.objects.filter(pk=tool.pk).update(client_name=name)
    assert whole(gateway.connect()) == sorted(names)
