"""Whether a server's keys fit its approved tools: which tools would fail, which rights nobody needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from catalog.connectors.base import Held
from catalog.models import Credential, Server
from tools.models import Tool


@dataclass(frozen=True, slots=True)
class KeyFit:
    """One active key against the approved tools it would carry, by names clients see.

    `failing` maps a tool to what it lacks, `unneeded` lists granted rights that none of its tools needs,
    `problem` says why the key is not accepted or could not be tested.
    """

    credential: Credential
    carried: tuple[str, ...]
    failing: dict[str, str]
    unneeded: tuple[str, ...]
    problem: str


def key_fits(server: Server) -> list[KeyFit]:
    """A KeyFit for each active key of the server, tested or not; tools without any key are in none."""
    return _fits(server, {key.slot: key for key in _active(server)})


def fit_of(credential: Credential) -> KeyFit:
    """How this key fits, or would once it takes the place of the one in its slot."""
    server = credential.server
    in_use = {key.slot: key for key in _active(server)} | {credential.slot: credential}
    return next(fit for fit in _fits(server, in_use) if fit.credential.pk == credential.pk)


def _active(server: Server) -> list[Credential]:
    return list(server.credentials.filter(state=Credential.State.ACTIVE))


def _fits(server: Server, active: dict[str, Credential]) -> list[KeyFit]:
    carried: dict[str, list[Tool]] = defaultdict(list)
    for tool in server.tools.filter(state=Tool.State.APPROVED).order_by("client_name"):
        slot = next((slot for slot in server.connector.slots_for(tool.name) if slot in active), None)
        if slot is not None:
            carried[slot].append(tool)
    return [_fit(server, credential, carried[slot]) for slot, credential in active.items()]


def _fit(server: Server, credential: Credential, tools: list[Tool]) -> KeyFit:
    probe = credential.probe
    held = probe.rights if probe else {}
    failing: dict[str, str] = {}
    needed: set[str] = set()
    for tool in tools:
        rights = server.connector.rights_for(tool.name, credential.slot)
        needed.update(rights or ())
        if rights is None:
            failing[tool.client_name] = "it needs another kind of key"
        elif lacking := [right for right in rights if held.get(right) == Held.REFUSED]:
            failing[tool.client_name] = (
                "the key is not accepted"
                if probe and probe.problem
                else f"the key lacks {' and '.join(lacking)}"
            )
    granted = [right for right, state in held.items() if state == Held.GRANTED]
    return KeyFit(
        credential=credential,
        carried=tuple(tool.client_name for tool in tools),
        failing=failing,
        unneeded=tuple(right for right in granted if right not in needed),
        problem=probe.problem if probe else "",
    )


def key_notes(server: Server) -> list[str]:
    """The same in sentences for the server's page; none while all is well or nothing was tested."""
    notes = []
    for fit in key_fits(server):
        if fit.problem:
            notes.append(f"The key in slot {fit.credential.slot}: {fit.problem}")
        notes += _sentences(fit, f"the key in slot {fit.credential.slot}")
    return notes


def fit_notes(credential: Credential) -> list[str]:
    """Whether the approved tools can work with this very key, in sentences for the page of keys."""
    fit = fit_of(credential)
    notes = _sentences(fit, "this key")
    if not notes and fit.carried and not fit.problem:
        count = len(fit.carried)
        notes.append(f"Nothing speaks against it for the {count:,} approved {_tools(count)} it would carry.")
    return notes


def _sentences(fit: KeyFit, key: str) -> list[str]:
    if fit.failing:
        why = "; ".join(f"{tool} ({reason})" for tool, reason in fit.failing.items())
        return [f"These approved tools will fail with {key}: {why}."]
    if fit.unneeded:
        rights = ", ".join(fit.unneeded)
        subject = key[0].upper() + key[1:]
        more = f"{subject} may do more than its approved tools need: {rights}."
        return [f"{more} A key with fewer rights would do."]
    return []


def _tools(count: int) -> str:
    return "tool" if count == 1 else "tools"
