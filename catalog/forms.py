from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminURLInputWidget,
)

from audit import portal_settings
from catalog import credentials, servers
from catalog.connectors.base import Connector
from catalog.models import Server

#: The values of a server's settings that stand for the portal's.
INHERITS = ("", None, Server.Approval.INHERIT)


class ServerForm(forms.ModelForm):
    """A server's settings and, write-only, its API key."""

    region = forms.ChoiceField(widget=UnfoldAdminRadioSelectWidget())
    custom_url = forms.CharField(label="Custom URL", required=False, widget=UnfoldAdminURLInputWidget())
    authentication_method = forms.ChoiceField(label="Authentication", widget=UnfoldAdminSelectWidget())
    header_name = forms.RegexField(
        servers.HEADER_NAME,
        label="Header name",
        widget=UnfoldAdminTextInputWidget(),
        error_messages={"invalid": servers.HEADER_NAME_INVALID},
    )
    value_prefix = forms.RegexField(
        servers.VALUE_PREFIX,
        label="Value prefix",
        required=False,
        strip=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Sent before the key, with its space.",
        error_messages={"invalid": servers.VALUE_PREFIX_INVALID},
    )
    optional_domains = forms.MultipleChoiceField(
        label="Further domains",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="Tools beyond the core ones, which wait for review like the others. Switched off again, "
        "they are removed at the next sync.",
    )
    slot = forms.ChoiceField(label="Kind of key", widget=UnfoldAdminSelectWidget())
    secret_text = forms.CharField(
        label="API key",
        required=False,
        max_length=credentials.LONGEST_SECRET,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = Server
        fields = (
            "name", "prefix", "region", "custom_url", "authentication_method", "header_name", "value_prefix",
            "slot", "secret_text", "sensitivity", "tool_approval", "changed_definition", "optional_domains",
            "names_people", "sync_interval_minutes",
        )  # fmt: skip

    connector: Connector
    #: For a new server and a changed address; other keys go through the Keys page.
    asks_for_key = True
    #: Whether the person may say what needs a review; the others see it.
    sets_review = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connector = self.connector
        method = connector.authentication_methods[0]
        adding = self.instance._state.adding
        self.instance.connector_key = connector.key
        self._offer("region", [(region.key, _region_label(region)) for region in connector.regions])
        typed = next((region.label for region in connector.regions if region.base_url is None), "")
        self.fields["custom_url"].help_text = f"Only for the region “{typed}”."
        self._offer(
            "authentication_method", [(known.key, known.label) for known in connector.authentication_methods]
        )
        self._offer(
            "optional_domains",
            [
                (domain.key, f"{domain.label} ({domain.tool_count} more)")
                for domain in connector.optional_domains
            ],
        )
        if self.asks_for_key:
            self._offer("slot", [(slot.key, slot.label) for slot in connector.slots])
            self.fields["slot"].help_text = " ".join(slot.help_text for slot in connector.slots)
            self.fields["slot"].required = self.fields["secret_text"].required = adding
            self.fields["secret_text"].help_text = "Stored encrypted and never shown again."
        else:
            del self.fields["slot"], self.fields["secret_text"]
            self.fields["region"].help_text = "Another address asks for the API key again."
        self._say_what_is_inherited()
        if not self.sets_review:
            for name in servers.OF_REVIEW:
                self.fields[name].disabled = True
                self.fields[name].help_text = "Changed by those who review the tools of every server."
        if adding:
            self.initial.setdefault("prefix", connector.default_prefix)
            self.initial.setdefault("region", connector.regions[0].key)
            self.initial.setdefault("header_name", method.header_name)
            self.initial.setdefault("value_prefix", method.value_prefix)
        elif self._region_is_custom(self.instance.region):
            self.initial["custom_url"] = self.instance.base_url

    def _say_what_is_inherited(self) -> None:
        """Name what "as in the settings" stands for at the moment."""
        for name in ("tool_approval", "changed_definition"):
            field = cast(forms.ChoiceField, self.fields[name])
            choices = cast("list[tuple[str, str]]", list(cast(Any, field.choices)))
            inherited = f"as in the settings: {_inherited(name)}"
            self._offer(name, [(key, inherited if key in INHERITS else label) for key, label in choices])
        self.fields[
            "sync_interval_minutes"
        ].help_text = f"Empty: every {_inherited('sync_interval_minutes')} minutes, as in the settings."

    def clean_secret_text(self) -> str:
        text = self.cleaned_data["secret_text"]
        return credentials.check_secret_text(text) if text else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "region" not in cleaned or "custom_url" not in cleaned:
            return cleaned
        self.instance.region = cleaned["region"]
        try:
            before = self.instance.origin if self.instance.base_url else None
            self.instance.base_url = servers.resolved_base_url(self.instance, cleaned["custom_url"])
        except ValidationError as error:
            self.add_error(None, error)
            return cleaned
        if before not in (None, self.instance.origin) and not cleaned.get("secret_text"):
            self.add_error("secret_text", servers.KEY_NEEDED_FOR_NEW_ADDRESS)
        elif cleaned.get("secret_text") and not cleaned.get("slot"):
            self.add_error("slot", "Choose the kind of key.")
        return cleaned

    def _offer(self, field: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[field]).choices = choices

    def _region_is_custom(self, key: str) -> bool:
        return any(region.key == key and region.base_url is None for region in self.connector.regions)


def address_changes(server: Server, data: Any) -> bool:
    """Whether a sent form moves the server to another scheme, host or port, so that its keys end."""
    moved = Server(connector_key=server.connector_key, region=data.get("region", ""))
    try:
        moved.base_url = servers.resolved_base_url(moved, data.get("custom_url", ""))
    except ValidationError:
        return False
    return moved.origin != server.origin


def as_in_the_settings(server: Server, name: str) -> str:
    """A setting of a server in words, with what it stands for where it follows the settings."""
    value = getattr(server, name)
    if value in INHERITS:
        return f"as in the settings: {_inherited(name)}"
    display = getattr(server, f"get_{name}_display", None)
    return str(display() if display else value)


def _inherited(name: str) -> str:
    settings = portal_settings.current()
    if name == "tool_approval":
        required, not_required = Server.Approval.REQUIRED.label, Server.Approval.NOT_REQUIRED.label
        return required if settings.requires_tool_approval else not_required
    if name == "changed_definition":
        return settings.get_changed_definition_display()
    return f"{settings.discovery_interval_minutes:,}"


def _region_label(region: Any) -> str:
    return f"{region.label} ({region.base_url})" if region.base_url else region.label
