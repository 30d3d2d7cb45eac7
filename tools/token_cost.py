"""What a tool costs every conversation in which it is offered."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from mcp_types.version import LATEST_HANDSHAKE_VERSION

from tools.gateway.listing import as_listed
from tools.models import Tool, ToolRevision

#: Of English text and JSON, about so many characters are one token to common models.
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class TokenCost:
    """`characters` of its entry in `tools/list`, and the `tokens` those are estimated to be."""

    characters: int
    tokens: int


def token_cost(tool: Tool, revision: ToolRevision) -> TokenCost:
    """The size of a revision's entry in `tools/list`, as the newest clients of the handshake era get it.

    An estimate: the characters of the entry's JSON divided by four, rounded up. Each model counts by a
    vocabulary of its own, and code, names in other scripts and long identifiers take more.
    """
    entry = as_listed(tool, LATEST_HANDSHAKE_VERSION, revision)
    characters = len(orjson.dumps(entry).decode())
    return TokenCost(characters, -(-characters // CHARACTERS_A_TOKEN))
