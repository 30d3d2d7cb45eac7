"""Setting what is set for one tool alone, against its server and the portal's settings."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.governance import governed
from audit.models import PortalSettings
from tools.models import Tool
from tools.reviewers import require_reviewer


def change(*, actor: Actor, tool: Tool, changed_definition: str) -> Tool:
    """Say what happens to this tool when its definition changes upstream; "" takes its server's word.

    A tool that is `changed` already is judged by the new word from the next call on. Raises PermissionDenied
    for whoever doesn't review the tool, ValidationError for a word that is none or a tool that is gone.
    """
    require_reviewer(actor, [tool])
    known = ("", *PortalSettings.ChangedDefinition.values)
    if changed_definition not in known:
        raise ValidationError({"changed_definition": f"Choose one of {', '.join(known[1:])}, or nothing."})
    with governed():
        current = (
            Tool.objects.select_for_update(of=("self",)).select_related("server").filter(pk=tool.pk).first()
        )
        if current is None:
            raise ValidationError("The tool no longer exists.")
        before = {"changed_definition": current.changed_definition}
        current.changed_definition = changed_definition
        after = {"changed_definition": changed_definition}
        if before != after:
            current.save(update_fields=["changed_definition"])
            log.record(Event.TOOL_SETTINGS_CHANGED, actor=actor, subject=current, before=before, after=after)
    return current
