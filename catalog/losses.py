"""What ends together with a server, for the page that asks whether it may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.models import Credential, Server

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of thing that is lost: a heading that counts it, and the names of the first few."""

    heading: str
    names: tuple[str, ...] = ()
    unnamed: int = 0

    @classmethod
    def of(cls, names: Iterable[str], *, one: str, many: str) -> Loss:
        """A loss of the things with these names; `one` and `many` say what they are ("tool", "tools")."""
        names = list(names)
        heading = f"{len(names):,} {one if len(names) == 1 else many}"
        return cls(heading, tuple(names[:MOST_NAMED]), max(0, len(names) - MOST_NAMED))


def keys_lost(server: Server) -> list[Loss]:
    """The stored keys, and the history of those that were revoked."""
    kept = server.credentials.exclude(state=Credential.State.REVOKED).defer("secret")
    revoked = server.credentials.filter(state=Credential.State.REVOKED).count()
    losses = [
        Loss.of(
            (f"{key} ({key.get_state_display()})" for key in kept),
            one="API key, erased",
            many="API keys, erased",
        )
    ]
    if revoked:
        losses.append(Loss(f"the history of {revoked:,} revoked {'key' if revoked == 1 else 'keys'}"))
    return losses


def syncs_lost(server: Server) -> list[Loss]:
    """The accounts of its syncs."""
    count = server.sync_runs.count()
    return [Loss(f"{count:,} {'account of a sync' if count == 1 else 'accounts of syncs'}")] if count else []
