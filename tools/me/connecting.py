"""What to type or paste to connect each AI client. `docs/connect.md` says the same with placeholders."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

TOKEN = "pct_…"  # noqa: S105 (stands for a token)
NAME = "portcullis"


@dataclass(frozen=True, slots=True)
class ConnectionGuide:
    """How one client is connected: where `text` goes, and what to know besides."""

    key: str
    title: str
    place: str
    text: str
    note: str = ""


def guides(mcp_url: str) -> list[ConnectionGuide]:
    """The guides for a portal whose MCP endpoint is `mcp_url`."""
    by_header = {"type": "http", "url": mcp_url, "headers": {"Authorization": f"Bearer {TOKEN}"}}
    any_client = _json({"mcpServers": {NAME: by_header}})
    return [
        ConnectionGuide("claude-code", "Claude Code", "Run this in a terminal:", claude_code_line(mcp_url)),
        ConnectionGuide(
            "claude-desktop",
            "Claude Desktop",
            "Settings → Developer → Edit Config, which opens claude_desktop_config.json:",
            _json({"mcpServers": {NAME: _bridge(mcp_url)}}),
            "Its file knows programs on your own machine only, so mcp-remote, which needs Node.js, stands in "
            "between. Quit Claude Desktop and start it again afterwards.",
        ),
        ConnectionGuide(
            "cursor",
            "Cursor",
            "In ~/.cursor/mcp.json:",
            any_client,
            "For one project only, use .cursor/mcp.json in it, and keep that file out of the repository.",
        ),
        ConnectionGuide(
            "vs-code",
            "VS Code",
            "In .vscode/mcp.json of a project:",
            _json(_vs_code(mcp_url)),
            "It asks for the token once and keeps it, so the file itself can be shared.",
        ),
        ConnectionGuide(
            "copilot-cli",
            "GitHub Copilot CLI",
            "In ~/.copilot/mcp-config.json:",
            _json({"mcpServers": {NAME: {**by_header, "tools": ["*"]}}}),
        ),
        ConnectionGuide(
            "other",
            "Any other client",
            "Most take this JSON:",
            any_client,
            "What they need is the address, the transport (streamable HTTP) and the Authorization header.",
        ),
        ConnectionGuide(
            "check",
            "Check by hand",
            "Without any client, in a terminal:",
            _curl(mcp_url),
            "It answers with your tools. 401 means that the token is wrong or has ended.",
        ),
    ]


def claude_code_line(mcp_url: str) -> str:
    """The one line that connects Claude Code."""
    return f'claude mcp add --transport http {NAME} {mcp_url} --header "Authorization: Bearer {TOKEN}"'


def _bridge(mcp_url: str) -> dict[str, Any]:
    # The header comes from a variable: on Windows an argument with a space in it falls apart.
    return {
        "command": "npx",
        "args": ["-y", "mcp-remote", mcp_url, "--header", "Authorization:${PORTCULLIS_TOKEN}"],
        "env": {"PORTCULLIS_TOKEN": f"Bearer {TOKEN}"},
    }


def _vs_code(mcp_url: str) -> dict[str, Any]:
    return {
        "inputs": [
            {
                "type": "promptString",
                "id": "portcullis-token",
                "description": "Portcullis token",
                "password": True,
            }
        ],
        "servers": {
            NAME: {
                "type": "http",
                "url": mcp_url,
                "headers": {"Authorization": "Bearer ${input:portcullis-token}"},
            }
        },
    }


def _curl(mcp_url: str) -> str:
    body = '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
    return (
        f'curl -sS {mcp_url} \\\n  -H "Authorization: Bearer {TOKEN}" \\\n'
        f"  -H \"Content-Type: application/json\" \\\n  -d '{body}'"
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
