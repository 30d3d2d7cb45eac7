"""The query language: reading it, and finding alerts with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import ApiError
from sandbox.search_language import All, Any, Node, Not, QueryError, Term, parse_query
from sandbox.search_matching import Searchable, compile_query
from tests.sandbox.conftest import START, Caller

FIELDS = ("tag", "count", "details.key")
plain_words = st.from_regex(r"[a-z0-9_*-]{1,8}", fullmatch=True).filter(
    lambda word: word not in ("and", "or", "not")
)


def terms() -> st.SearchStrategy[Node]:
    bare = st.builds(Term, st.none(), st.just(":"), plain_words)
    phrase = st.builds(Term, st.sampled_from([None, "tag"]), st.just(":"), st.text(max_size=8), st.just(True))
    exact = st.builds(Term, st.sampled_from(FIELDS), st.just(":"), plain_words)
    number = st.builds(Term, st.just("count"), st.sampled_from([":", "<", "<=", ">", ">="]), st.just("3"))
    return st.one_of(bare, phrase, exact, number)


def combined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(All, several), st.builds(Any, several))


trees = st.recursive(terms(), combined, max_leaves=8)


def written(node: Node) -> str:
    """A query with every parenthesis it could have."""
    if isinstance(node, Not):
        return f"NOT ({written(node.item)})"
    if isinstance(node, Term):
        value = node.value
        if node.quoted:
            value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return value if node.field is None else f"{node.field} {node.comparison} {value}"
    return f" {'AND' if isinstance(node, All) else 'OR'} ".join(f"({written(item)})" for item in node.items)


def read_or_refuse(text: str) -> Node | str:
    """The tree, or the reason why there is none; nothing else may happen."""
    try:
        return parse_query(text, FIELDS)
    except QueryError as error:
        return error.message


@given(trees)
def test_what_is_written_is_read_back(tree: Node) -> None:
    assert parse_query(written(tree), FIELDS) == tree


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(text)


@given(
    st.lists(
        st.sampled_from(["(", ")", "AND", "OR", "NOT", "tag:", "x", '"', "<", "count", "3"]), max_size=12
    )
)
def test_any_tokens_are_read_or_refused(tokens: list[str]) -> None:
    assert read_or_refuse(" ".join(tokens))


SEARCHABLE = Searchable(words=("text",), exact={"tag": "tags"}, numbers={"count": "count"})
records = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["", "disk full", "Full moon"]),
        "tags": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "count": st.integers(1, 5),
    }
)
simple = st.recursive(
    st.sampled_from([Term("tag", ":", "a"), Term("count", ">", "2"), Term(None, ":", "full")]),
    combined,
    max_leaves=6,
)


def expected(node: Node, record: dict[str, object]) -> bool:
    """The meaning of a tree, said the other way round from how it is compiled."""
    if isinstance(node, Not):
        return not expected(node.item, record)
    if isinstance(node, Term):
        return {
            "tag": "a" in record["tags"],
            "count": record["count"] > 2,
            None: "full" in str(record["text"]).lower(),
        }[node.field]
    results = [expected(item, record) for item in node.items]
    return all(results) if isinstance(node, All) else any(results)


@given(simple, records)
def test_operators_mean_what_they_say(tree: Node, record: dict[str, object]) -> None:
    assert compile_query(written(tree), SEARCHABLE, START)(record) is expected(tree, record)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", All(())),
        ("a b", All((Term(None, ":", "a"), Term(None, ":", "b")))),
        ("a OR b c", Any((Term(None, ":", "a"), All((Term(None, ":", "b"), Term(None, ":", "c")))))),
        ("not tag:x", Not(Term("tag", ":", "x"))),
        ("TAG: (x OR y)", Any((Term("tag", ":", "x"), Term("tag", ":", "y")))),
        ("count>=3", Term("count", ">=", "3")),
        ("count:>3", Term("count", ">", "3")),
        ("tag:http://x:80/y", Term("tag", ":", "http://x:80/y")),
        ("10:30", Term(None, ":", "10:30")),
        ("nothing", Term(None, ":", "nothing")),
    ],
)
def test_examples(query: str, tree: Node) -> None:
    assert parse_query(query, FIELDS) == tree


@pytest.mark.parametrize("query", ["(", "a AND", "tag:", "tag:()", "hue:red", "a)", "(" * 200 + "a", "OR a"])
def test_refusals(query: str) -> None:
    with pytest.raises(ApiError):
        parse_query(query, FIELDS)


@pytest.fixture
def alerts(api: Caller, people: dict[str, str]) -> Caller:
    """Three alerts that differ in everything."""
    api.do("POST", "/v2/teams", {"name": "Ops"})
    api.processed(
        "POST",
        "/v2/alerts",
        {
            "message": "Disk almost full", "alias": "disk", "entity": "db-1", "tags": ["storage"],
            "priority": "P1",
            "details": {"host": "db-1"}, "source": "probe", "responders": [{"type": "team", "name": "Ops"}],
        },
    )  # fmt: skip
    api.hand.advance(days=1)
    api.processed("POST", "/v2/alerts", {"message": "CPU hot", "alias": "cpu", "tags": ["load", "disk"]})
    api.processed("POST", "/v2/alerts/cpu/acknowledge", {"user": "ann@example.org"}, identifierType="alias")
    api.hand.advance(days=1)
    api.processed("POST", "/v2/alerts", {"message": "Network flapping", "alias": "net", "priority": "P2"})
    api.processed("POST", "/v2/alerts", {"message": "Network flapping", "alias": "net"})
    return api


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status:open", {"disk", "cpu", "net"}),
        ("status: closed", set()),
        ("disk", {"disk", "cpu"}),
        ("message:disk", {"disk"}),
        ("message:flap*", {"net"}),
        ('"almost full"', {"disk"}),
        ("alias:d*", {"disk"}),
        ("tag:DISK", {"cpu"}),
        ("entity:db-1", {"disk"}),
        ("count > 1", {"net"}),
        ("acknowledged:true", {"cpu"}),
        ("acknowledged:false AND NOT priority:P1", {"net"}),
        ("owner:ann@example.org", {"cpu"}),
        ("acknowledgedBy:ann@example.org", {"cpu"}),
        ("teams:Ops", {"disk"}),
        ("responders:(Ops OR Dev)", {"disk"}),
        ("details.key:host", {"disk"}),
        ("details.value:db*", {"disk"}),
        ("source:probe", {"disk"}),
        ("integration.type:API", {"disk", "cpu", "net"}),
        ("createdAt:14-01-2026", {"disk"}),
        ("createdAt > 14-01-2026", {"cpu", "net"}),
        ("createdAt <= 15-01-2026", {"disk", "cpu"}),
        ("createdAt > now-1d", {"net"}),
        ("createdAt < 1768435200000", {"disk"}),
        ("snoozedUntil > 1", set()),
        ("(disk OR network) priority:P2", {"net"}),
    ],
)
def test_searching_alerts(alerts: Caller, query: str, found: set[str]) -> None:
    assert {alert["alias"] for alert in alerts.get("/v2/alerts", query=query)} == found


@pytest.mark.parametrize("query", ["count:many", "createdAt:yesterday", "status > open", "colour:red"])
def test_a_query_that_makes_no_sense(api: Caller, query: str) -> None:
    assert api.refused("GET", "/v2/alerts", query=query)[0] == 422
