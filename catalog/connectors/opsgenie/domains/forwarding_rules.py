"""Forwarding rules: one user's notifications go to another for a while."""

from __future__ import annotations

from catalog.connectors.opsgenie.operation import Operation
from catalog.connectors.opsgenie.shapes import TEXT, field, record, texts

FORWARDING_RULE = record(
    texts("id", "alias"),
    field("from_user", TEXT, "fromUser.username", "fromUser.id"),
    field("to_user", TEXT, "toUser.username", "toUser.id"),
    texts("start_date", "end_date"),
    headline="from_user to_user start_date end_date alias id",
)

OPERATIONS: tuple[Operation, ...] = ()
