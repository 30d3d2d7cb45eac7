"""The MCP Python SDK as an AI client would use it: over HTTP, with a token in a header."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

#: "auto" negotiates, "legacy" shakes hands as clients up to 2025-11-25 do, the date speaks only that.
MODES = ("auto", "legacy", "2026-07-28")


class AIClient:
    """A client program with one person's token. Each call of a method is a connection of its own."""

    def __init__(self, url: str, token: str, mode: str = "auto") -> None:
        self._url = url
        self._token = token
        self._mode = mode

    def tools(self) -> dict[str, Any]:
        """What `tools/list` offers, by name."""
        return self._run(self._tools)

    def call(self, name: str, arguments: dict[str, Any] | None = None) -> Any:
        """The CallToolResult of one call, or the MCPError it raised."""

        async def go(client: Client) -> Any:
            try:
                return await client.call_tool(name, arguments or {})
            except MCPError as error:
                return error

        return self._run(go)

    @staticmethod
    async def _tools(client: Client) -> dict[str, Any]:
        found: dict[str, Any] = {}
        page = await client.list_tools()
        while True:
            found |= {tool.name: tool for tool in page.tools}
            if not page.next_cursor:
                return found
            page = await client.list_tools(cursor=page.next_cursor)

    def _run(self, work: Callable[[Client], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            headers = {"Authorization": f"Bearer {self._token}"}
            async with (
                httpx2.AsyncClient(headers=headers, timeout=60) as http,
                Client(streamable_http_client(self._url, http_client=http), mode=self._mode) as client,
            ):
                return await work(client)

        # In a thread of its own: a test that drives a browser has an event loop running already.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(connected())).result()


def denial_of(result: Any) -> str:
    """The reason of a refused call: from a result's `_meta`, or from the error for an unknown tool."""
    if isinstance(result, MCPError):
        return (result.error.data or {})["reason"]
    assert result.is_error, result
    return result.meta["portcullis/denial"]["reason"]
