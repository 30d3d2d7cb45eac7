"""What Opsgenie says, in its own words."""

from __future__ import annotations

from typing import Any

from tests.catalog.connectors.opsgenie.upstream import Reply

ALERT: dict[str, Any] = {
    "id": "8418d193-2dab-4490-b331-8c02cdd196b7",
    "tinyId": "1791",
    "alias": "disk-db-1",
    "message": "Disk full on db-1",
    "status": "open",
    "acknowledged": False,
    "isSeen": True,
    "tags": ["db"],
    "snoozed": False,
    "count": 3,
    "createdAt": "2026-08-01T08:53:20.123Z",
    "source": "Nagios",
    "owner": "",
    "priority": "P2",
    "responders": [],
    "description": "97 % used",
    "details": {"zone": "eu-1"},
}
REQUEST_ID = "5c1a3b2e-0000-4000-8000-000000000001"


def answered(data: Any) -> dict[str, Any]:
    """A 200 of Opsgenie's with this data."""
    return {"data": data, "took": 0.123, "requestId": REQUEST_ID}


ACCEPTED = Reply(202, {"result": "Request will be processed", "took": 0.1, "requestId": REQUEST_ID})
PROCESSED = Reply(
    200,
    answered(
        {
            "success": True,
            "action": "Create",
            "processedAt": "2026-08-01T08:53:21Z",
            "integrationId": "4513b7ea-3b91-438f-b7e4-e3e54af9147c",
            "isSuccess": True,
            "status": "Created alert",
            "alertId": ALERT["id"],
            "alias": "disk-db-1",
        }
    ),
)
TEAM_CREATED = Reply(201, {"result": "Created", **answered({"id": "t-1", "name": "Databases"})})


def failure(status: int, message: str = "It did not work", **headers: str) -> Reply:
    """An error of Opsgenie's."""
    body = {"message": message, "took": 0.1, "requestId": REQUEST_ID}
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
