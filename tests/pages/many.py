"""Tools by the thousand, made without a sync: each with a definition of its own."""

from __future__ import annotations

import hashlib

from catalog.models import Server
from tests.pages.world import definition
from tools.definitions import as_stored, digest_of
from tools.models import Tool, ToolRevision


def _word(number: int) -> str:
    # Names that count up would all look alike, which no real server's do.
    return f"read_{hashlib.sha256(str(number).encode()).hexdigest()[:10]}"


def make_many(server: Server, count: int, *, start: int = 0) -> list[Tool]:
    """`count` tools of the server that wait for review."""
    numbers = range(start, start + count)
    tools = Tool.objects.bulk_create(
        [
            Tool(
                server=server, name=word, client_name=f"{server.prefix}_{word}",
                domain=f"domain{number % 7}", action="read",
            )
            for number, word in ((number, _word(number)) for number in numbers)
        ]
    )  # fmt: skip
    stored = [as_stored(definition(tool.name), instructions="") for tool in tools]
    revisions = ToolRevision.objects.bulk_create(
        [
            ToolRevision(tool=tool, digest=digest_of(text), definition=text)
            for tool, text in zip(tools, stored, strict=True)
        ]
    )
    for tool, revision in zip(tools, revisions, strict=True):
        tool.discovered_revision = revision
    Tool.objects.bulk_update(tools, ["discovered_revision"], batch_size=500)
    return tools
