from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.connectors.base import Connector, Target, ToolDefinition
from catalog.connectors.opsgenie.connector import OpsgenieConnector

PAGE = settings.BASE_DIR / "docs/opsgenie-tools.md"
CHARACTERS_A_TOKEN = 4
INTRODUCTION = """\
Made by `make docs` from the definitions that clients are served; change those, not this page. Clients see
each name behind the prefix of its server. Core tools are discovered on every server, further ones where their
domain is switched on under *Further domains*. All of them wait for review."""
#: What bounds a value: the keywords of the least and the most, and what they count.
BOUNDS = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", "characters"),
    ("minItems", "maxItems", "items"),
)


class Command(BaseCommand):
    """The reference of the Opsgenie tools, from the definitions that clients are served."""

    help = "Write docs/opsgenie-tools.md anew; with --check, only say whether it is current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, fail when not current")
        parser.add_argument("--page", type=Path, default=PAGE, help="default: docs/opsgenie-tools.md")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["page"]
        text = page(OpsgenieConnector())
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path}.")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError(f"{path} does not say what the tools are. Run `make docs`.")


def page(connector: Connector) -> str:
    """The whole page in Markdown."""
    core = {tool.name: tool for tool in _discovered(connector)}
    tools = _discovered(connector, *(domain.key for domain in connector.optional_domains))
    lines = [f"# The {connector.label} tools", "", INTRODUCTION, ""]
    lines += [*_sizes(list(core.values()), tools), "", *_overview(tools, core)]
    for domain in _domains(tools):
        members = [tool for tool in tools if tool.domain == domain]
        lines += ["", f"## {_title(domain)}", "", _count(domain, members, core)]
        for tool in members:
            lines += ["", *_tool(connector, tool, is_core=tool.name in core)]
    return "\n".join(lines) + "\n"


def _discovered(connector: Connector, *domains: str) -> list[ToolDefinition]:
    # The definitions are a fixed table: nobody is asked, so there is no address and no key.
    return list(connector.discover(target=Target("", {}), domains=frozenset(domains)))


def _domains(tools: Sequence[ToolDefinition]) -> list[str]:
    return list(dict.fromkeys(tool.domain for tool in tools))


def _title(domain: str) -> str:
    return domain.replace("_", " ").capitalize()


def _sizes(core: Sequence[ToolDefinition], tools: Sequence[ToolDefinition]) -> Iterator[str]:
    """What the definitions cost a model's context, whichever parts its client shows it."""
    both = (core, tools)
    inputs = [_tokens(map(_read, these)) for these in both]
    outputs = [_tokens(tool.output_schema for tool in these) for these in both]
    yield "| | core | all |"
    yield "|---|---|---|"
    yield f"| tools | {len(core)} | {len(tools)} |"
    yield f"| tokens of names, descriptions, input schemas and annotations, about | {' | '.join(inputs)} |"
    yield f"| tokens of output schemas, about | {' | '.join(outputs)} |"


def _read(tool: ToolDefinition) -> list[Any]:
    return [tool.name, tool.title, tool.description, tool.input_schema, tool.annotations]


def _tokens(parts: Iterable[Any]) -> str:
    return f"{sum(len(orjson.dumps(part)) for part in parts) // CHARACTERS_A_TOKEN:,}"


def _overview(tools: Sequence[ToolDefinition], core: Mapping[str, ToolDefinition]) -> Iterator[str]:
    yield "| domain | core | further |"
    yield "|---|---|---|"
    for domain in _domains(tools):
        members = [tool for tool in tools if tool.domain == domain]
        in_core = sum(tool.name in core for tool in members)
        link = f"[{_title(domain)}](#{_title(domain).lower().replace(' ', '-')})"
        yield f"| {link} | {in_core or ''} | {len(members) - in_core or ''} |"


def _count(domain: str, members: Sequence[ToolDefinition], core: Mapping[str, ToolDefinition]) -> str:
    in_core = sum(tool.name in core for tool in members)
    count = f"{len(members)} tool{'s' if len(members) > 1 else ''}"
    if in_core == len(members):
        return f"{count}, core."
    if not in_core:
        return f"{count}, the further domain `{domain}`."
    return f"{count}: {in_core} core, {len(members) - in_core} in the further domain `{domain}`."


def _tool(connector: Connector, tool: ToolDefinition, *, is_core: bool) -> Iterator[str]:
    yield f"### {tool.name}"
    yield ""
    yield f"**{_plain(tool.title)}.** {_plain(tool.description)}"
    yield ""
    yield f"- Offered: {'core' if is_core else f'further domain `{tool.domain}`'}"
    yield f"- Action: {tool.action}"
    # What isn't one request says so in words.
    yield f"- Request: {f'`{tool.method} {tool.path}`' if tool.path.startswith('/') else tool.path}"
    rights, keys = _rights_and_keys(connector, tool.name)
    yield f"- Rights: {', '.join(rights) or 'none'}"
    yield f"- Key: {', else '.join(keys)}"
    yield ""
    rows = list(_parameters(tool.input_schema))
    if not rows:
        yield "No parameters."
        return
    yield "| parameter | type | required | meaning |"
    yield "|---|---|---|---|"
    yield from rows


def _rights_and_keys(connector: Connector, tool_name: str) -> tuple[tuple[str, ...], list[str]]:
    """The rights in the upstream's words, and the kinds of key that may carry the tool, best first."""
    labels = {slot.key: slot.label for slot in connector.slots}
    rights: tuple[str, ...] = ()
    keys = []
    for slot in connector.slots_for(tool_name):
        needed = connector.rights_for(tool_name, slot)
        if needed is not None:
            rights = rights or needed
            keys.append(labels[slot])
    return rights, keys


def _parameters(schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """A row for each member of an object, and for those of the objects in it."""
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        is_required = "yes" if name in required else ""
        meaning = _plain(member.get("description", ""))
        yield f"| `{path}{name}` | {_plain(_type(member))} | {is_required} | {meaning} |"
        if "properties" in member.get("items", {}):
            yield from _parameters(member["items"], f"{path}{name}[].")
        yield from _parameters(member, f"{path}{name}.")


def _type(member: Mapping[str, Any]) -> str:
    """The type of a value with its words and limits, as in `string: P1, P2 (default P2)`."""
    if "items" in member:
        kind = f"list of {_type(member['items'])}"
    elif isinstance(member.get("additionalProperties"), Mapping):
        kind = f"object of {_type(member['additionalProperties'])}"
    else:
        kind = str(member.get("type", "any"))
    if "enum" in member:
        kind += f": {', '.join(_literal(value) for value in member['enum'])}"
    limits = list(_limits(member))
    return f"{kind} ({', '.join(limits)})" if limits else kind


def _limits(member: Mapping[str, Any]) -> Iterator[str]:
    if "format" in member:
        yield str(member["format"])
    for least, most, unit in BOUNDS:
        words = f" {unit}" if unit else ""
        if least in member and most in member:
            yield f"{member[least]} to {member[most]}{words}"
        elif most in member:
            yield f"up to {member[most]}{words}"
        elif least in member:
            yield f"at least {member[least]}{words}"
    if "default" in member:
        yield f"default {_literal(member['default'])}"


def _literal(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _plain(text: str) -> str:
    """Text on one line, of which neither a table nor HTML takes a part for itself; code stays code."""
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)
