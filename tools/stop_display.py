"""Stops in words, for their pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tools.denials import Denial
from tools.models import Stop
from tools.stop_effects import effect_of, ended_at, tally_of

DENIALS = {
    Stop.Level.GATEWAY: Denial.GATEWAY_STOPPED,
    Stop.Level.PERSON: Denial.USER_STOPPED,
    Stop.Level.CLIENT: Denial.CLIENT_STOPPED,
    Stop.Level.SERVER: Denial.SERVER_STOPPED,
    Stop.Level.TOOL: Denial.TOOL_STOPPED,
}


def success_of(stop: Stop) -> str:
    """What to tell whoever has just set it."""
    if stop.is_drill:
        return f"The drill for {stop.what} is on. Nothing is refused; what would have been is counted."
    return (
        f"Stopped: {stop.what}. It took {stop.effect_ms:.0f} ms; since then no call it refuses has been "
        "admitted, on any worker."
    )


def account_of(stop: Stop, request: HttpRequest) -> dict[str, Any]:
    """What the templates say of one stop."""
    tally = tally_of(stop)
    may_read = request.user.has_perm("audit.view_auditrow")
    return {
        "stop": stop,
        "is_on": stop.is_in_force(timezone.now()),
        "effect": effect_of(stop),
        "tally": tally,
        "audit_link": _audit_link(stop) if may_read and tally.calls else "",
        "may_read_audit": may_read,
        "may_lift": request.user.has_perm("tools.set_stop") and stop.is_in_force(timezone.now()),
    }


def _audit_link(stop: Stop) -> str:
    """The audit log's list of the calls it refused or would have, as close as its filters come."""
    columns = {
        Stop.Level.SERVER: "server_name__icontains",
        Stop.Level.TOOL: "tool_name__icontains",
        Stop.Level.PERSON: "actor_name__icontains",
    }
    chosen = {
        "event__exact": "call.admitted" if stop.is_drill else "call.denied",
        "at_from_0": f"{stop.starts_at:%Y-%m-%d}",
        "at_from_1": f"{stop.starts_at:%H:%M:%S}",
    }
    end = ended_at(stop)
    if end is not None and end < timezone.now():
        chosen |= {"at_to_0": f"{end:%Y-%m-%d}", "at_to_1": f"{end:%H:%M:%S}"}
    if not stop.is_drill:
        chosen["reason__exact"] = DENIALS[Stop.Level(stop.level)].value
    if column := columns.get(Stop.Level(stop.level)):
        chosen[column] = str(stop.target)
    elif stop.client:
        chosen["actor_name__icontains"] = stop.client.owner.get_username()
    return f"{reverse('admin:audit_auditrow_changelist')}?{urlencode(chosen)}"
