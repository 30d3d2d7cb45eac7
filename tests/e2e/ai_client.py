"""The MCP Python SDK as an AI client would use it: over HTTP, with a token in a header."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

#: "auto" negotiates, "legacy" shakes hands as clients up to 2025-11-25 do, the date speaks only that.
MODES = ("auto", "legacy", "2026-07-28")


class AIClient:
    """A client program with one person's token.

    Each call of a method is a connection of its own; `connected` keeps one open for many calls.
    """

    def __init__(self, url: str, token: str, mode: str = "auto") -> None:
        self._url = url
        self._token = token
        self._mode = mode

    def tools(self) -> dict[str, Any]:
        """What `tools/list` offers, by name."""
        return self._run(_tools)

    def call(self, name: str, arguments: dict[str, Any] | None = None) -> Any:
        """The CallToolResult of one call, or the MCPError it raised."""

        return self._run(lambda client: _call(client, name, arguments or {}))

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """One connection, for as many calls as there are inside."""
        with start_blocking_portal() as loop, loop.wrap_async_context_manager(self._open()) as client:
            yield Connection(loop, client)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(self._url, http_client=http), mode=self._mode) as client,
        ):
            yield client

    def _run(self, work: Callable[[Client], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            async with self._open() as client:
                return await work(client)

        # In a thread of its own: a test that drives a browser has an event loop running already.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(connected())).result()


class Connection:
    """An open connection of an AIClient, used one call after the other."""

    def __init__(self, loop: BlockingPortal, client: Client) -> None:
        self._loop = loop
        self._client = client

    def tools(self) -> dict[str, Any]:
        """What `tools/list` offers, by name."""
        return self._loop.call(_tools, self._client)

    def call(self, name: str, arguments: dict[str, Any] | None = None) -> Any:
        """The CallToolResult of one call, or the MCPError it raised."""
        return self._loop.call(_call, self._client, name, arguments or {})


async def _tools(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = {}
    page = await client.list_tools()
    while True:
        found |= {tool.name: tool for tool in page.tools}
        if not page.next_cursor:
            return found
        page = await client.list_tools(cursor=page.next_cursor)


async def _call(client: Client, name: str, arguments: dict[str, Any]) -> Any:
    try:
        return await client.call_tool(name, arguments)
    except MCPError as error:
        return error


def denial_of(result: Any) -> str:
    """The reason of a refused call: from a result's `_meta`, or from the error for an unknown tool."""
    if isinstance(result, MCPError):
        return (result.error.data or {})["reason"]
    assert result.is_error, result
    return result.meta["portcullis/denial"]["reason"]
