from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Server
from tests.conftest import make_server, sync
from tests.connectors import SmallOpsgenie
from tools.models import Tool
from tools.naming import client_name

CLIENTS_ACCEPT = re.compile(r"^[a-zA-Z][a-zA-Z0-9_-]{0,47}\Z")

PREFIXES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9-]{0,15}", fullmatch=True)
#: What upstreams may call a tool: anything, names that differ late, and names that look like ours.
NAMES = (
    st.text(min_size=1, max_size=80)
    | st.from_regex(r"[a-z_]{1,60}", fullmatch=True)
    | st.builds(
        lambda end: "a_name_that_goes_on_for_longer_than_any_client_takes_" + end, st.text(max_size=3)
    )
    | st.from_regex(r"list[_ .][0-9a-f]{8}", fullmatch=True)
)


@given(PREFIXES, NAMES)
def test_clients_accept_every_name(prefix: str, tool: str) -> None:
    assert CLIENTS_ACCEPT.match(client_name(prefix, tool))


@given(st.lists(st.tuples(PREFIXES, NAMES), unique=True, max_size=30))
def test_no_two_tools_share_a_name(tools: list[tuple[str, str]]) -> None:
    assert len({client_name(prefix, tool) for prefix, tool in tools}) == len(tools)


@given(PREFIXES, NAMES)
def test_a_name_depends_on_nothing_else(prefix: str, tool: str) -> None:
    assert client_name(prefix, tool) == client_name(prefix, tool)


@pytest.mark.parametrize(
    ("prefix", "tool", "name"),
    [
        ("opsgenie", "list_alerts", "opsgenie_list_alerts"),
        ("a", "B-2", "a_B-2"),
        ("opsgenie", "x" * 39, "opsgenie_" + "x" * 39),
    ],
)
def test_a_name_that_fits_is_kept(prefix: str, tool: str, name: str) -> None:
    assert client_name(prefix, tool) == name


@pytest.mark.parametrize("tool", ["x" * 40, "list.alerts", "list alerts", "löschen", "a/b", "a\nb", "\0"])
def test_a_name_that_does_not_fit_gets_its_hash(tool: str) -> None:
    name = client_name("opsgenie", tool)
    assert re.fullmatch(r"opsgenie_[a-zA-Z0-9_]{1,30}_[0-9a-f]{8}", name)
    assert len(name) <= 48


def test_a_tool_named_like_another_ones_hash_gets_a_name_of_its_own(
    connector: SmallOpsgenie, few_tools: Server
) -> None:
    """An upstream that knows the rule must not be able to stop discovery, or to pass for another tool."""
    connector.change("list_alerts", name="list alerts")
    copied = client_name("opsgenie", "list alerts").removeprefix("opsgenie_")
    connector.change("get_alert", name=copied)
    assert sync(few_tools).state == "succeeded"
    names = dict(Tool.objects.filter(name__in=["list alerts", copied]).values_list("name", "client_name"))
    assert len(set(names.values())) == len(names) == 2
    assert all(CLIENTS_ACCEPT.match(name) for name in names.values())


def test_two_servers_with_the_same_tools_keep_apart(connector: SmallOpsgenie, few_tools: Server) -> None:
    second = make_server(name="Second", prefix="second")
    sync(second)
    assert {tool.client_name.split("_")[0] for tool in second.tools.all()} == {"second"}
    assert Tool.objects.count() == 2 * len(connector.offered)
