"""How far a server's sync is, for the page that waits for it."""

from __future__ import annotations

import json

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.formats import date_format

from catalog.admin_pages import ServerPage
from catalog.models import Server, SyncRun

#: An upstream's words may be in it: no browser can take them for markup, whatever it makes of the answer.
_INERT = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def sync_in_words(run: SyncRun | None) -> str:
    """One sentence about a sync: what it waits for, or how it ended."""
    if run is None:
        return "It was never synced."
    if run.state == SyncRun.State.QUEUED:
        return "A sync waits for a worker."
    if run.state == SyncRun.State.RUNNING:
        return "A sync is running."
    ended = date_format(run.finished_at, "DATETIME_FORMAT") if run.finished_at else ""
    if run.state == SyncRun.State.FAILED:
        return f"The sync of {ended} UTC failed: {run.error}"
    return (
        f"The sync of {ended} UTC found {run.found:,} tools: {run.added:,} new, {run.changed:,} changed, "
        f"{run.removed:,} removed."
    )


def sync_status(server: Server) -> dict[str, object]:
    """The newest sync of a server as the page shows it."""
    run = server.sync_runs.order_by("-pk").first()
    is_open = run is not None and run.state in (SyncRun.State.QUEUED, SyncRun.State.RUNNING)
    return {"state": run.state if run else "", "is_open": is_open, "sentence": sync_in_words(run)}


class SyncStatusPage(ServerPage):
    """Asked every second while a sync is open. Changes nothing."""

    path = "sync-status"
    name = "sync_status"
    may_look = ("catalog.view_server",)

    def open(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.is_open_to(request):
            raise PermissionDenied
        server = self.admin.found(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        content = json.dumps(sync_status(server)).translate(_INERT)
        response = HttpResponse(content, content_type="application/json")
        response["Cache-Control"] = "no-store"
        return response
