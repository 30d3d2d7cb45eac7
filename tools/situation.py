"""Everything about a call that isn't about its tool: the settings, the stops, and who asks through what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit import portal_settings
from audit.models import PortalSettings
from clients.caller import Caller
from clients.models import Client, Token, User
from tools.denials import Denial
from tools.models import Stop, Tool

_LEVEL_BEHIND = {
    Denial.GATEWAY_STOPPED: Stop.Level.GATEWAY,
    Denial.USER_STOPPED: Stop.Level.PERSON,
    Denial.CLIENT_STOPPED: Stop.Level.CLIENT,
    Denial.SERVER_STOPPED: Stop.Level.SERVER,
    Denial.TOOL_STOPPED: Stop.Level.TOOL,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """Read from the database when it is made: a caller may have been authenticated seconds ago.

    `user` is None when the caller's token no longer exists. `client` is None where the question is about a
    person whichever client they use.
    """

    at: datetime
    settings: PortalSettings
    in_force: tuple[Stop, ...]
    user: User | None
    client: Client | None
    is_connected: bool

    @classmethod
    def of_caller(cls, caller: Caller, at: datetime) -> Situation:
        """A caller's, with their token."""
        token = Token.objects.select_related("client__owner").filter(pk=caller.token.pk).first()
        client = token.client if token else None
        return cls(
            at=at,
            settings=portal_settings.current(),
            in_force=_stops(at),
            user=client.owner if client else None,
            client=client,
            is_connected=token is not None and token.client.is_open and token.is_valid(at),
        )

    @classmethod
    def of_person(cls, person: User, at: datetime, *, client: Client | None = None) -> Situation:
        """A person's, as if they held a valid token of `client`, or of any client of theirs."""
        return cls(
            at=at,
            settings=portal_settings.current(),
            in_force=_stops(at),
            user=User.objects.get(pk=person.pk),
            client=client,
            is_connected=client is None or client.is_open,
        )

    @classmethod
    def of_nobody(cls, at: datetime) -> Situation:
        """One without a person, for what is the same for everybody."""
        settings = portal_settings.current()
        return cls(at=at, settings=settings, in_force=_stops(at), user=None, client=None, is_connected=True)

    @property
    def is_of_allowed_kind(self) -> bool:
        """Whether the settings let this kind of client call."""
        return self.client is None or self.client.kind in self.settings.allowed_client_kinds

    def stops(self, level: Stop.Level, target_id: int | None = None) -> bool:
        """Whether a stop of this level refuses calls: of a server or tool, of the one with this id."""
        return any(not stop.is_drill and self._matches(stop, level, target_id) for stop in self.in_force)

    def stop_behind(self, denial: Denial | None, tool: Tool | None = None) -> Stop | None:
        """The stop that gave this denial, if one did."""
        level = _LEVEL_BEHIND.get(denial) if denial else None
        if level is None:
            return None
        target = self._target_id(level, tool)
        return next(
            (stop for stop in self.in_force if not stop.is_drill and self._matches(stop, level, target)), None
        )

    def drills(self, tool: Tool | None = None) -> tuple[Stop, ...]:
        """The drills that would refuse this call if they were stops."""
        return tuple(
            stop
            for stop in self.in_force
            if stop.is_drill
            and self._matches(stop, Stop.Level(stop.level), self._target_id(Stop.Level(stop.level), tool))
        )

    def _target_id(self, level: Stop.Level, tool: Tool | None) -> int | None:
        if tool is None:
            return None
        return {Stop.Level.SERVER: tool.server_id, Stop.Level.TOOL: tool.pk}.get(level)

    def _matches(self, stop: Stop, level: Stop.Level, target_id: int | None) -> bool:
        if stop.level != level:
            return False
        match level:
            case Stop.Level.GATEWAY:
                return True
            case Stop.Level.PERSON:
                return self.user is not None and stop.person_id == self.user.pk
            case Stop.Level.CLIENT:
                return self.client is not None and stop.client_id == self.client.pk
            case Stop.Level.SERVER:
                return stop.server_id == target_id
        return stop.tool_id == target_id


def _stops(at: datetime) -> tuple[Stop, ...]:
    return tuple(Stop.objects.in_force(at).order_by("pk"))
