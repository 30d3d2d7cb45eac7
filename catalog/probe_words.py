"""What the test of a key found, in words."""

from __future__ import annotations

from catalog.connectors.base import Held, Probe

_PREFIXES = ((Held.GRANTED, ""), (Held.REFUSED, "not: "), (Held.UNKNOWN, "not known: "))


def may_in_words(probe: Probe | None) -> str:
    """What a key may do by its last test, in the upstream's words for rights."""
    if probe is None:
        return "not tested"
    if probe.problem:
        return probe.problem
    found = ((prefix, rights_that_are(held, probe)) for held, prefix in _PREFIXES)
    return "; ".join(prefix + ", ".join(rights) for prefix, rights in found if rights)


def rights_that_are(held: Held, probe: Probe) -> list[str]:
    """The rights that the test found granted, refused, or could not tell about."""
    return [right for right, state in probe.rights.items() if state == held]
