"""Answers to `tools/list`, `initialize` and `server/discover`: what this caller may use, and how."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.utils import timezone
from mcp_types import SERVER_INFO_META_KEY
from mcp_types.jsonrpc import INVALID_PARAMS
from mcp_types.version import MODERN_PROTOCOL_VERSIONS, is_version_at_least

from clients.caller import Caller
from tools import policy
from tools.gateway.protocol import Message
from tools.models import Tool, ToolRevision

#: How long a client may reuse a list. Short: a list is only a hint, but a stale one confuses people.
LIST_TTL_MS = 30_000
_CURSOR_SALT = "tools/list"
_INSTRUCTIONS = (
    "Tools here are governed: an administrator decides which ones this person may use, and every call is "
    "recorded under their name. If a call is refused, tell the person the reason and the remedy it gives; "
    "do not look for a way around it."
)


def server_info() -> dict[str, str]:
    """MCP's Implementation object for this server."""
    return {"name": "portcullis", "title": "Portcullis", "version": settings.PORTCULLIS_VERSION}


def initialize(message: Message, caller: Caller) -> dict[str, Any]:
    """The handshake's answer, in the version the client asked for or the newest of its era."""
    return {
        "protocolVersion": message.version,
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": server_info(),
        "instructions": _instructions(caller),
    }


def discover(message: Message, caller: Caller) -> dict[str, Any]:
    """The envelope era's `server/discover`."""
    return {
        "supportedVersions": list(MODERN_PROTOCOL_VERSIONS),
        "capabilities": {"tools": {}},
        "instructions": _instructions(caller),
        "ttlMs": LIST_TTL_MS,
        "cacheScope": "private",
    }


def tools_list(message: Message, caller: Caller) -> dict[str, Any]:
    """One page of the tools this caller may call, by name.

    A cursor names the last tool of the page before, so pages stay right while tools come and go.
    """
    after = _read_cursor(message)
    tools = [tool for tool in policy.callable_tools(caller, timezone.now()) if tool.client_name > after]
    page = tools[: settings.PORTCULLIS_TOOLS_PAGE_SIZE]
    result: dict[str, Any] = {"tools": [as_listed(tool, message.version) for tool in page]}
    if len(tools) > len(page):
        result["nextCursor"] = signing.dumps(page[-1].client_name, salt=_CURSOR_SALT)
    if message.is_modern:
        result |= {"ttlMs": LIST_TTL_MS, "cacheScope": "private"}
    return result


def completed(message: Message, result: dict[str, Any]) -> dict[str, Any]:
    """The JSON-RPC response; in the envelope era with what every result carries there."""
    if message.is_modern:
        meta = {**result.get("_meta", {}), SERVER_INFO_META_KEY: server_info()}
        result = {"resultType": "complete", **result, "_meta": meta}
    return {"jsonrpc": "2.0", "id": message.id, "result": result}


def _instructions(caller: Caller) -> str:
    """Ours, then what the reviewed definitions this person may use bring along."""
    texts = [_INSTRUCTIONS]
    for tool in policy.callable_tools(caller, timezone.now()):
        text = tool.approved_revision.definition["instructions"]  # type: ignore[union-attr]
        if text and text not in texts:
            texts.append(text)
    return "\n\n".join(texts)


def as_listed(tool: Tool, version: str, revision: ToolRevision | None = None) -> dict[str, Any]:
    """The approved definition, or that of `revision`, in the fields the client's version knows."""
    definition = (revision or tool.approved_revision).definition  # type: ignore[union-attr]
    listed = {
        "name": tool.client_name,
        "description": definition["description"],
        "inputSchema": definition["input_schema"],
    }
    if is_version_at_least(version, "2025-03-26"):
        listed["annotations"] = definition["annotations"]
    if is_version_at_least(version, "2025-06-18"):
        listed |= {"title": definition["title"], "outputSchema": definition["output_schema"]}
    return listed


def _read_cursor(message: Message) -> str:
    cursor = message.params.get("cursor")
    if cursor is None:
        return ""
    try:
        return str(signing.loads(str(cursor), salt=_CURSOR_SALT))
    except signing.BadSignature:
        raise message.error(
            INVALID_PARAMS, "The cursor is not one of ours. List from the start.", reason="invalid_cursor"
        ) from None
