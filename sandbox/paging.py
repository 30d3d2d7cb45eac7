"""Paging of lists: links in the body and in headers (Opsgenie docs, list requests)."""

from collections.abc import Sequence
from typing import Any

from sandbox.answers import Answer
from sandbox.calls import Call
from sandbox.state import Record


def page_links(call: Call, *, offset: int, limit: int, total: int) -> dict[str, str]:
    """Full URLs of the pages around this one."""
    last = max(total - 1, 0) // limit * limit
    links = {"first": call.url(offset=0, limit=limit), "last": call.url(offset=last, limit=limit)}
    if offset + limit < total:
        links["next"] = call.url(offset=offset + limit, limit=limit)
    if offset > 0:
        links["prev"] = call.url(offset=max(offset - limit, 0), limit=limit)
    return links


def page(
    call: Call, records: Sequence[Record], *, offset: int, limit: int, total: int, **beside: Any
) -> Answer:
    """An answer holding one page of a list."""
    links = page_links(call, offset=offset, limit=limit, total=total)
    headers = {f"X-Paging-{name.capitalize()}": url for name, url in links.items()}
    return Answer({"data": list(records), "paging": links, **beside}, headers=headers)


def ordered(records: Sequence[Record], sort: str, order: str) -> list[Record]:
    """Records by a field, or a dotted path of fields. Those without it are taken as the least."""
    present = [(key, record) for record in records if (key := sort_key(record, sort)) is not None]
    absent = [record for record in records if sort_key(record, sort) is None]
    present.sort(key=lambda pair: pair[0], reverse=order == "desc")
    found = [record for _, record in present]
    return [*found, *absent] if order == "desc" else [*absent, *found]


def sort_key(record: Record, path: str) -> Any:
    """The value to order a record by: text without regard to case, and ids that are numbers as numbers."""
    value: Any = record
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if path == "tinyId":
        return int(value)
    return value.lower() if isinstance(value, str) else value


def history_page(call: Call, entries: Sequence[Record]) -> Answer:
    """One page of notes or logs. `offset` is an entry's opaque key, `direction` the way to go from it."""
    query = call.query
    limit = query.number("limit", least=1, most=100, default=100)
    direction = query.choice("direction", ("next", "prev"), default="next")
    order = query.choice("order", ("asc", "desc"), default="desc")
    query.check()
    ordered = list(entries) if order == "asc" else list(reversed(entries))
    start = 0
    if query.given("offset"):
        offset = query.text("offset")
        start = next((index for index, each in enumerate(ordered) if each["offset"] == offset), len(ordered))
    chosen = ordered[start : start + limit] if direction == "next" else ordered[max(start - limit, 0) : start]
    links = {"first": call.url(offset=None, direction="next", limit=limit, order=order)}
    if direction == "next" and start + limit < len(ordered):
        links["next"] = call.url(
            offset=ordered[start + limit]["offset"], direction="next", limit=limit, order=order
        )
    headers = {f"X-Paging-{name.capitalize()}": url for name, url in links.items()}
    return Answer({"data": chosen, "paging": links}, headers=headers)
