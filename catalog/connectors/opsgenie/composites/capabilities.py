"""What can be done here: what the policy lets this person call, and what the key is known to be refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from catalog.connectors.base import Held, Probe
from catalog.connectors.opsgenie.composite import Composite, Inquiry, composite
from catalog.connectors.opsgenie.domains import OPERATIONS
from catalog.connectors.opsgenie.errors import slot_name
from catalog.connectors.opsgenie.parameters import choice
from catalog.connectors.opsgenie.shapes import FLAG, TEXT, TEXTS, WHOLE, Each, field, record, texts
from catalog.connectors.opsgenie.slots import ACCOUNT, INTEGRATION, rights_in_slot, slots_of
from catalog.connectors.opsgenie.tool import Tool

DOMAINS = ("composites", *dict.fromkeys(operation.domain for operation in OPERATIONS.values()))
NOT_OFFERED = "This server does not offer it."

RIGHT = record(texts("right", "held"), headline="right held")
MISSING = record(texts("why"), field("count", WHOLE), field("tools", TEXTS), headline="count why")
DOMAIN = record(
    texts("domain"),
    field("available", TEXTS),
    field("missing", Each(MISSING)),
    headline="domain",
)
CAPABILITIES = record(
    field("key", TEXT),
    field("key_tested", FLAG),
    field("rights", Each(RIGHT)),
    field("domains", Each(DOMAIN)),
    field("notes", TEXTS),
    headline="key",
)

Verdicts = dict[str, list[tuple[Tool, str]]]


def _list(inquiry: Inquiry, values: Mapping[str, Any]) -> dict[str, Any]:
    """No request: Portcullis knows its policy, and what the key's last test found."""
    wanted = values.get("domain")
    access, probe, slot = inquiry.context.access(), inquiry.context.probe, inquiry.target.slot
    verdicts: Verdicts = {}
    for tool in inquiry.tools.values():
        if wanted in (None, tool.domain):
            why = access.get(tool.name, NOT_OFFERED) or _refusal(tool, slot, probe)
            verdicts.setdefault(tool.domain, []).append((tool, why))
    rights = probe.rights if probe else {}
    return {
        "key": slot_name(slot),
        "key_tested": probe is not None,
        "rights": [{"right": right, "held": held.value} for right, held in rights.items()],
        "domains": [_domain(name, told, in_short=wanted is None) for name, told in verdicts.items()],
        "notes": list(_notes(probe, slot, verdicts)),
    }


def _refusal(tool: Tool, slot: str, probe: Probe | None) -> str:
    """Why Opsgenie would refuse the tool to this key, as far as is known; else nothing."""
    rights = rights_in_slot(tool, slot)
    if rights is None:
        return f"It needs an API integration key; this server has only an {slot_name(slot)}."
    if probe is None or not rights:
        return ""
    # Where there is an integration key, it carries this call. So only then there may be an account key
    # besides, which would carry what needs Configuration Access.
    may_differ = (slot, slots_of(tool)[0]) == (INTEGRATION, ACCOUNT)
    unless = ", unless an account API key carries it" if may_differ else ""
    if probe.problem:
        return f"The {slot_name(slot)} failed its last test{unless}."
    lacking = [right for right in rights if probe.rights.get(right) is Held.REFUSED]
    return f"The {slot_name(slot)} lacks {' and '.join(lacking)}{unless}." if lacking else ""


def _domain(name: str, told: Iterable[tuple[Tool, str]], *, in_short: bool) -> dict[str, Any]:
    """The domain's tools by what keeps them back. In short, those that aren't offered are only counted."""
    by_reason: dict[str, list[str]] = {}
    for tool, why in told:
        by_reason.setdefault(why, []).append(tool.name)
    available = by_reason.pop("", [])
    missing = [
        {"why": why, "count": len(names), **({} if in_short and why == NOT_OFFERED else {"tools": names})}
        for why, names in by_reason.items()
    ]
    return {"domain": name, "available": available, "missing": missing}


def _notes(probe: Probe | None, slot: str, verdicts: Verdicts) -> Iterator[str]:
    told = [one for verdict in verdicts.values() for one in verdict]
    if any(why == NOT_OFFERED and not tool.core for tool, why in told):
        yield "An administrator can switch on what the server does not offer, a domain at a time."
    if probe is None:
        yield (
            f"The {slot_name(slot)} was never tested: Opsgenie may refuse what is listed as available. "
            "An administrator can test it on the server's page."
        )
    elif probe.problem:
        yield f"The {slot_name(slot)} failed its last test. {probe.problem}"
    else:
        needed = {right for tool, why in told if not why for right in tool.rights}
        for right in sorted(needed):
            if probe.rights.get(right, Held.UNKNOWN) is Held.UNKNOWN:
                yield f"Whether the {slot_name(slot)} has {right} is not known; tools that need it may fail."


def _render(found: Mapping[str, Any]) -> str:
    """The key in a line, a line of tools for each domain, and one for each reason why others are missing."""
    rights = ", ".join(f"{one['right']} {one['held']}" for one in found["rights"])
    lines = [f"Key: {found['key']}; {rights or 'not tested'}."]
    reasons: dict[str, list[str]] = {}
    for domain in found["domains"]:
        if domain["available"]:
            lines.append(f"{domain['domain']}: {', '.join(domain['available'])}")
        for group in domain["missing"]:
            # Where nothing else of a domain is left, its name says it.
            others = [one for one in domain["missing"] if one["why"] not in (group["why"], NOT_OFFERED)]
            is_all = len(found["domains"]) > 1 and not domain["available"] and not others
            names = [] if is_all else group.get("tools", [])
            reasons.setdefault(group["why"], []).append(
                ", ".join(names) or f"{domain['domain']} ({group['count']})"
            )
    lines += [f"Missing: {', '.join(which)}. {why}" for why, which in reasons.items()]
    return "\n".join([*lines, *found["notes"]])


LIST_CAPABILITIES: Composite = composite(
    name="list_capabilities",
    title="List what can be done here",
    description=(
        "See which Opsgenie tools you may call here, and why the others are missing: your access, a server's "
        "setting, or a right the key lacks. Names come without the server's prefix. "
        "Use it before saying that something can't be done."
    ),
    parameters=(choice("domain", "Only this group of tools, with every name.", DOMAINS),),
    asks=(),
    record=CAPABILITIES,
    always=("key", "key_tested", "domains", "notes"),
    answer=_list,
    render=_render,
)
