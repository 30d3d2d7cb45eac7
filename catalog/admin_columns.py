"""The words and colours in which lists and pages show a server."""

from __future__ import annotations

from typing import Any

from unfold.decorators import display

from catalog import health
from catalog.forms import as_in_the_settings
from catalog.models import Server, SyncRun

RUN_COLOURS = {
    SyncRun.State.QUEUED.label: "info",
    SyncRun.State.RUNNING.label: "info",
    SyncRun.State.SUCCEEDED.label: "success",
    SyncRun.State.FAILED.label: "danger",
}
HEALTH_COLOURS = {
    health.HealthState.HEALTHY.value: "success",
    health.HealthState.FAILING.value: "danger",
    health.HealthState.UNTESTED.value: "info",
    health.HealthState.PAUSED.value: "warning",
}
SENSITIVITY_COLOURS = {"low": "success", "normal": "info", "high": "danger"}


def sensitivity_in_words(server: Server) -> str:
    """The badge that marks a server wherever it is listed."""
    return f"{server.get_sensitivity_display()} sensitivity"


class ServerColumns:
    """The columns of the list, and the settings of a server as who may only look sees them."""

    @display(description="Connector")
    def connector_label(self, server: Server) -> str:
        return server.connector.label

    @display(description="Health", label=HEALTH_COLOURS)
    def health_label(self, server: Any) -> str:
        return server.health.state.value

    @display(description="Sensitivity", ordering="sensitivity", label=SENSITIVITY_COLOURS)
    def sensitivity_label(self, server: Server) -> str:
        return server.get_sensitivity_display()

    @display(description="Keys", label={"due": "warning"})
    def keys_label(self, server: Any) -> str | None:
        return "due" if server.has_due_key else None

    @display(description="Tool approval")
    def shown_approval(self, server: Server) -> str:
        return as_in_the_settings(server, "tool_approval")

    @display(description="When a definition changes")
    def shown_changed_definition(self, server: Server) -> str:
        return as_in_the_settings(server, "changed_definition")

    @display(description="Sync every (minutes)")
    def shown_interval(self, server: Server) -> str:
        return as_in_the_settings(server, "sync_interval_minutes")

    @display(description="Further domains")
    def shown_domains(self, server: Server) -> str:
        labels = {domain.key: domain.label for domain in server.connector.optional_domains}
        return ", ".join(labels.get(key, key) for key in server.optional_domains) or "none"

    @display(description="Tools", ordering="tool_count")
    def tool_count(self, server: Any) -> int:
        return server.tool_count

    @display(description="Last sync", label=RUN_COLOURS)
    def last_sync(self, server: Any) -> str:
        state = server.last_run_state
        return SyncRun.State(state).label if state else "never"
