"""Saying, before something is changed or deleted, who loses what by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.forms import BaseDialogForm

from tools import impact
from tools.impact import Impact

CONFIRMED = "_confirmed"


class NeedsConfirmation(Exception):
    """A change that takes tools away from people, and that nobody confirmed yet. Nothing was saved."""

    def __init__(self, foretold: Impact) -> None:
        super().__init__(foretold.in_words())
        self.foretold = foretold


class ConfirmsImpact:
    """For pages whose form can take tools away: a second page says from whom, before it is saved."""

    def confirm(self, request: HttpRequest, change: Callable[[], Any]) -> None:
        """Raise NeedsConfirmation when the change takes tools away and the person hasn't confirmed it."""
        if CONFIRMED in request.POST:
            return
        foretold = impact.what_if(change)
        if foretold.losing:
            raise NeedsConfirmation(foretold)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The form; or, where it takes tools away, what it does and the button that means it."""
        try:
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        except NeedsConfirmation as needed:
            return self._ask(request, needed.foretold)

    def _ask(self, request: HttpRequest, foretold: Impact) -> HttpResponse:
        sent = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ]
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": "This takes tools away from people",
            "opts": self.opts,  # type: ignore[attr-defined]
            "impact": foretold,
            "sent": [*sent, (CONFIRMED, "yes")],
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/tools/confirm_impact.html", context)


class ImpactDialogForm(BaseDialogForm):
    """A dialog that says first what it would do. Subclasses say what that is."""

    form_before_template = "admin/tools/impact.html"

    def foretold(self, object_id: Any) -> Impact:
        """What the dialog's action would do to the object with this id."""
        raise NotImplementedError

    def get_before_template_context(self, request: HttpRequest, object_id: Any = None) -> dict[str, Any]:
        """The template's variables."""
        return {"impact": self.foretold(object_id)}
