"""All that is done in the admin until somebody may call tools of a server, by its forms."""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from typing import Any

from tests.e2e.admin_session import AdminSession
from tests.e2e.processes import Portal

SYNC_SECONDS = 30


def register(portal: Portal, admin: AdminSession, *, prefix: str, url: str, key: str, **fields: Any) -> int:
    """Register a server that is named like its prefix, and wait for its first sync; the server's id."""
    admin.submit(
        "/admin/catalog/server/add/?connector=opsgenie",
        name=prefix, prefix=prefix, region="custom", custom_url=url, secret_text=key, **fields,
    )  # fmt: skip
    wait_for_sync(portal, prefix)
    return portal.rows("SELECT id FROM catalog_server WHERE prefix = ?", prefix)[0]["id"]


def store_key(portal: Portal, admin: AdminSession, server: int, *, key: str, slot: str) -> None:
    """Put a key to use in a slot by the page of keys, untested and without keeping the one before."""
    path = f"/admin/catalog/server/{server}/keys/"
    admin.submit(path, do="stage", slot=slot, secret_text=key)
    rows = portal.rows(
        "SELECT id FROM catalog_credential WHERE server_id = ? AND slot = ? AND state = 'staged'",
        server,
        slot,
    )
    admin.submit(
        path, do="activate", credential=str(rows[0]["id"]), overlap="0", override_reason="For a test"
    )


def wait_for_sync(portal: Portal, prefix: str, *, number: int = 1) -> None:
    """Wait until the Celery worker has ended the server's first, second, … sync, which must succeed."""
    end = time.monotonic() + SYNC_SECONDS
    while time.monotonic() < end:
        runs = portal.rows(
            "SELECT r.state FROM catalog_syncrun r JOIN catalog_server s ON s.id = r.server_id"
            " WHERE s.prefix = ? ORDER BY r.id",
            prefix,
        )
        states = [run["state"] for run in runs]
        assert "failed" not in states, states
        if states.count("succeeded") >= number:
            return
        time.sleep(0.1)
    raise AssertionError(f"The sync did not end: {states}\n{portal.output[-2000:]}")


def tool_ids(portal: Portal, server: int) -> dict[str, int]:
    """The server's tools by the names clients see."""
    rows = portal.rows("SELECT id, client_name FROM tools_tool WHERE server_id = ?", server)
    return {row["client_name"]: row["id"] for row in rows}


def approve_and_give(
    portal: Portal, admin: AdminSession, tools: Collection[int], *, name: str, person: str
) -> None:
    """Approve tools, put them in a toolset and that in a profile of this name, and grant it to a person."""
    admin.decide("approve", list(tools), comment="For a test")
    admin.submit("/admin/tools/toolset/add/", name=name, tools=list(tools))
    toolset = portal.rows("SELECT id FROM tools_toolset WHERE name = ?", name)[0]["id"]
    admin.submit("/admin/tools/accessprofile/add/", name=name, toolsets=[toolset])
    profile = portal.rows("SELECT id FROM tools_accessprofile WHERE name = ?", name)[0]["id"]
    holder = portal.rows("SELECT id FROM clients_user WHERE username = ?", person)[0]["id"]
    admin.submit("/admin/tools/grant/add/", profile=profile, user=holder, reason="For a test")


def create_person(admin: AdminSession, username: str) -> str:
    """A new person, who can't sign in; their e-mail address."""
    email = f"{username}@portcullis.invalid"
    admin.submit("/admin/clients/user/add/", username=username, email=email, usable_password="false")
    return email


def create_token(portal: Portal, admin: AdminSession, *, person: str, client_name: str) -> str:
    """A new token of a person, as the page shows it once."""
    owner = portal.rows("SELECT id FROM clients_user WHERE username = ?", person)[0]["id"]
    page = admin.submit("/admin/clients/token/add/", owner=owner, client_name=client_name).text
    return re.findall(r"pct_[0-9A-Za-z]{12}_[0-9A-Za-z]{46}", page)[0]
