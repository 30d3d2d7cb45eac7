"""The page on which a server's keys are rotated: one slot at a time, one next step at a time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from audit import portal_settings
from audit.actor import Actor
from audit.admin_base import sentences
from catalog import credentials, probes, rotation
from catalog.admin_pages import ServerPage
from catalog.connectors.base import Held, Slot
from catalog.keys_due import age_in_days, keys_due
from catalog.models import Credential, Server
from catalog.probe_words import may_in_words, rights_that_are

State = Credential.State
MINUTE = 60
OVERLAPS = (
    (0, "Not at all: it is revoked at once"),
    (15 * MINUTE, "15 minutes"),
    (60 * MINUTE, "1 hour"),
    (24 * 60 * MINUTE, "24 hours"),
)
MOST_SHOWN = 100


class StageForm(forms.Form):
    """The new key. Write-only: a page never shows what was typed."""

    # The field is often folded away, where a browser could not say what it misses; the server says it.
    use_required_attribute = False

    secret_text = forms.CharField(
        label="New API key",
        max_length=credentials.LONGEST_SECRET,
        widget=UnfoldAdminPasswordWidget(
            attrs={"autocomplete": "off", "spellcheck": "false", "aria-required": "true"}
        ),
        help_text="Stored encrypted, never shown again, and not used before you activate it.",
        error_messages={"required": "Paste the API key."},
    )


class ActivateForm(forms.Form):
    """How long the old key is kept, and why a key is activated that no test speaks for."""

    use_required_attribute = False

    overlap = forms.TypedChoiceField(
        label="Keep the old key for",
        choices=OVERLAPS,
        coerce=int,
        initial=60 * MINUTE,
        widget=UnfoldAdminRadioSelectWidget(),
        help_text="Until then you can take it back into use at once. Calls use the new key from now on.",
    )
    override_reason = forms.CharField(
        label="Why it is activated without a successful test",
        max_length=rotation.LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "aria-required": "true"}),
        help_text="Goes into the audit log under your name.",
    )

    def __init__(self, *args: Any, is_tested: bool, replaces: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_tested:
            del self.fields["override_reason"]
        if not replaces:
            del self.fields["overlap"]


@dataclass
class ShownKey:
    """A key as the page shows it."""

    credential: Credential
    may: str
    age_days: int
    is_due: bool
    notes: list[str]
    granted: list[str]
    refused: list[str]
    problem: str


@dataclass
class ShownSlot:
    """One slot of the server: its keys, and the forms of the step it is at."""

    slot: Slot
    active: ShownKey | None
    staged: ShownKey | None
    retiring: list[Credential]
    stage_form: StageForm
    activate_form: ActivateForm | None

    @property
    def is_unused(self) -> bool:
        """Whether it holds nothing: neither a key in use nor one under way."""
        return self.active is None and self.staged is None and not self.retiring

    @property
    def step(self) -> int:
        """Which of the four steps comes next; 1 where nothing is under way."""
        if self.staged is not None:
            return 2 if self.staged.problem else 3
        return 4 if self.retiring else 1


class KeysPage(ServerPage):
    """Stage, test, activate, and the end of the old key."""

    path = "keys"
    name = "keys"
    label = "Keys"
    icon = "key"
    title = "keys"
    template = "admin/catalog/server/keys.html"
    may_look = ("catalog.view_credential",)
    may_send = "catalog.rotate_credential"

    def show(self, request: HttpRequest, server: Server) -> HttpResponse:
        return self._page(request, server)

    def send(self, request: HttpRequest, server: Server) -> HttpResponse:
        verbs = {
            "stage": self._stage,
            "test": self._test,
            "activate": self._activate,
            "take_back": self._take_back,
            "revoke": self._revoke,
        }
        verb = verbs.get(request.POST.get("do", ""))
        if verb is None:
            messages.error(request, "Nothing was changed: the page asked for nothing it knows.")
            return self._again(server)
        try:
            return verb(request, server) or self._again(server)
        except ValidationError as error:
            messages.error(request, f"Nothing was changed. {sentences(error)}")
            return self._again(server)

    def _stage(self, request: HttpRequest, server: Server) -> HttpResponse | None:
        slot = request.POST.get("slot", "")
        if slot not in {known.key for known in server.connector.slots}:
            raise ValidationError("Choose one of the kinds of keys that are offered.")
        form = StageForm(request.POST, auto_id=f"id_{slot}_%s")
        if form.is_valid():
            try:
                rotation.stage(
                    actor=Actor.from_request(request),
                    server=server,
                    slot=slot,
                    text=form.cleaned_data["secret_text"],
                )
            except ValidationError as error:
                form.add_error("secret_text", error.messages)
            else:
                messages.success(request, "The new key is stored. Next: test it. Nothing uses it yet.")
                return None
        return self._page(request, server, failed=form, failed_slot=slot)

    def _test(self, request: HttpRequest, server: Server) -> None:
        tested = probes.probe_credential(
            actor=Actor.from_request(request), credential=self._chosen(request, server)
        )
        if tested.probe is not None and tested.probe.problem:
            messages.error(request, f"The test failed. {tested.probe.problem}")
        else:
            messages.success(request, f"The key is accepted. It may: {may_in_words(tested.probe)}.")

    def _activate(self, request: HttpRequest, server: Server) -> HttpResponse | None:
        credential = self._chosen(request, server)
        form = self._activate_form(server, credential, request.POST)
        if form.is_valid():
            rotation.activate(
                actor=Actor.from_request(request),
                credential=credential,
                overlap=timedelta(seconds=form.cleaned_data.get("overlap", 0)),
                override_reason=form.cleaned_data.get("override_reason", ""),
            )
            messages.success(request, "The new key is in use from the next call on.")
            return None
        return self._page(request, server, failed=form, failed_slot=credential.slot)

    def _take_back(self, request: HttpRequest, server: Server) -> None:
        rotation.take_back(actor=Actor.from_request(request), credential=self._chosen(request, server))
        messages.success(request, "The old key is in use again. The newer one is kept in its place for now.")

    def _revoke(self, request: HttpRequest, server: Server) -> None:
        credential = self._chosen(request, server)
        rotation.revoke(actor=Actor.from_request(request), credential=credential)
        messages.success(
            request, f"The key {credential} is revoked and its text erased. Revoke it upstream as well."
        )

    def _chosen(self, request: HttpRequest, server: Server) -> Credential:
        """The key that a form names. Raises ValidationError for none of this server's."""
        try:
            pk = uuid.UUID(request.POST.get("credential", ""))
        except ValueError:
            pk = uuid.UUID(int=0)
        found = server.credentials.select_related("server").filter(pk=pk).first()
        if found is None:
            raise ValidationError("This key is not one of this server's any more. Reload the page.")
        return found

    def _again(self, server: Server) -> HttpResponse:
        return HttpResponseRedirect(self.url_for(server))

    def _page(
        self, request: HttpRequest, server: Server, *, failed: Any = None, failed_slot: str = ""
    ) -> HttpResponse:
        now = timezone.now()
        due = set(keys_due(now).filter(server=server).values_list("pk", flat=True))
        every = list(server.credentials.defer("secret").select_related("server")[:MOST_SHOWN])
        live = server.credentials.exclude(state=State.REVOKED).defer("secret").select_related("server")
        by_slot = [
            self._slot(server, slot, [key for key in live if key.slot == slot.key], now, due)
            for slot in server.connector.slots
        ]
        for shown in by_slot:
            if failed is not None and shown.slot.key == failed_slot:
                if isinstance(failed, StageForm):
                    shown.stage_form = failed
                else:
                    shown.activate_form = failed
        return self.rendered(
            request,
            server,
            slots=by_slot,
            history=every,
            most_shown=MOST_SHOWN,
            key_age_days=portal_settings.current().key_age_days,
            is_keyless=not any(shown.active for shown in by_slot),
            encryption_url=reverse("admin:catalog_server_encryption_keys"),
        )

    def _slot(
        self, server: Server, slot: Slot, keys: list[Credential], now: datetime, due: set[Any]
    ) -> ShownSlot:
        def shown(state: str) -> ShownKey | None:
            found = next((key for key in keys if key.state == state), None)
            return self._shown(found, now, due) if found else None

        staged = next((key for key in keys if key.state == State.STAGED), None)
        return ShownSlot(
            slot=slot,
            active=shown(State.ACTIVE),
            staged=shown(State.STAGED),
            retiring=[key for key in keys if key.state == State.RETIRING],
            stage_form=StageForm(auto_id=f"id_{slot.key}_%s"),
            activate_form=self._activate_form(server, staged) if staged else None,
        )

    def _shown(self, credential: Credential, now: datetime, due: set[Any]) -> ShownKey:
        probe = credential.probe
        return ShownKey(
            credential=credential,
            may=may_in_words(probe),
            age_days=age_in_days(credential, now),
            is_due=credential.pk in due,
            notes=[note for make in self.admin.key_notes for note in make(credential)] if probe else [],
            granted=rights_that_are(Held.GRANTED, probe) if probe else [],
            refused=rights_that_are(Held.REFUSED, probe) if probe else [],
            problem=rotation.untested_or_refused(credential),
        )

    def _activate_form(self, server: Server, credential: Credential, data: Any = None) -> ActivateForm:
        return ActivateForm(
            data,
            auto_id=f"id_{credential.slot}_%s",
            is_tested=not rotation.untested_or_refused(credential),
            replaces=server.credentials.filter(slot=credential.slot, state=State.ACTIVE).exists(),
        )
