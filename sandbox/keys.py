"""API keys: what they look like, who has them and what they may do (Opsgenie docs, authentication)."""

import base64
import binascii
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sandbox.errors import ApiError, forbidden
from sandbox.state import Record, State

KEY_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
DEFAULT_KEY = "5a9db0c5-0000-4000-8000-000000000001"
KINDS = ("unrestricted", "integration", "account")


class Right(Enum):
    """The four toggles every Opsgenie key has."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    CONFIGURATION = "configuration"


RIGHT_FIELDS = {
    "allowReadAccess": Right.READ,
    "allowWriteAccess": Right.WRITE,
    "allowDeleteAccess": Right.DELETE,
    "allowConfigurationAccess": Right.CONFIGURATION,
}


@dataclass(frozen=True)
class ApiKey:
    """One key. `unrestricted` is the sandbox's own kind: an integration key meant to be refused nothing."""

    value: str
    kind: str = "unrestricted"
    rights: frozenset[Right] = frozenset(Right)
    team: str | None = None
    integration_id: str = ""

    def require(self, rights: Iterable[Right]) -> None:
        """Refuse unless the key has every right asked for."""
        for right in rights:
            if right not in self.rights:
                raise forbidden(f"API Key is not granted with {right.value} access.")


def parse_key(text: str) -> ApiKey:
    """Read `UUID[:kind[:rights[:team]]]`. Raises ValueError with a sentence for the command line."""
    value, kind, rights, team = [*text.split(":", 3), "", "", ""][:4]
    if not KEY_SHAPE.fullmatch(value):
        raise ValueError(f"a key looks like {DEFAULT_KEY}, not {value!r}")
    if kind and kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    try:
        granted = frozenset(Right(word) for word in rights.split("+")) if rights else frozenset(Right)
    except ValueError as error:
        raise ValueError("rights are read, write, delete and configuration, joined by +") from error
    return ApiKey(value.lower(), kind or "unrestricted", granted, team or None)


def integration_of(key: ApiKey) -> Record:
    """The API integration a configured key belongs to, as the integrations table holds it."""
    integration = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox:{key.value}")),
        "name": f"API {key.value[-4:]}",
        "enabled": True,
        "type": "API",
        "apiKey": key.value,
        "suppressNotifications": False,
    }
    for field_name, right in RIGHT_FIELDS.items():
        integration[field_name] = right in key.rights
    return integration


class Keyring:
    """The keys given at start-up, besides those of integrations created later."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = {key.value: key for key in keys}

    def install(self, state: State) -> None:
        """Give every configured key that isn't an account key its integration."""
        for key in self._keys.values():
            if key.kind == "account":
                continue
            integration = integration_of(key)
            present = state.table("integrations").get(integration["id"])
            if present:
                integration["enabled"] = present["enabled"]
            if key.team:
                team = next(
                    (team for team in state.table("teams").values() if team["name"] == key.team), None
                )
                integration["ownerTeam"] = {"id": team["id"], "name": team["name"]} if team else None
            state.table("integrations")[integration["id"]] = integration

    def authenticate(self, state: State, header: str | None) -> ApiKey:
        """Find the key a request was made with, or refuse: 401 unknown, 422 malformed."""
        value = presented_key(header)
        if value is None:
            raise ApiError(401, "Could not authenticate")
        if not KEY_SHAPE.fullmatch(value):
            raise ApiError(422, "Key format is not valid!")
        key = self._find(state, value.lower())
        if key is None:
            raise ApiError(401, "Could not authenticate")
        return key

    def _find(self, state: State, value: str) -> ApiKey | None:
        configured = self._keys.get(value)
        if configured and configured.kind == "account":
            return configured
        for integration in state.table("integrations").values():
            if integration.get("apiKey") != value:
                continue
            # A disabled integration's key is answered as if nobody had issued it.
            return integration_key(integration, configured) if integration["enabled"] else None
        return None


def integration_key(integration: Record, configured: ApiKey | None) -> ApiKey:
    """The key of an integration: its rights are what the integration says at this moment."""
    owner = integration.get("ownerTeam") or {}
    return ApiKey(
        value=integration["apiKey"],
        kind=configured.kind if configured else "integration",
        rights=frozenset(right for name, right in RIGHT_FIELDS.items() if integration.get(name)),
        team=owner.get("name") or (configured.team if configured else None),
        integration_id=integration["id"],
    )


def presented_key(header: str | None) -> str | None:
    """The key in an Authorization header: `GenieKey <key>`, or Basic with the key as password."""
    scheme, _, rest = (header or "").strip().partition(" ")
    rest = rest.strip()
    if scheme.lower() == "geniekey":
        return rest or None
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None
