"""What a reviewer reads of a tool is what a model reads: nothing invisible, nothing left out."""

from __future__ import annotations

import unicodedata

import pytest
from django.test import Client

from catalog.models import Server
from tests.pages.world import definition, discover
from tools.definition_display import definition_as_html, parameters_as_html
from tools.models import Tool, ToolRevision

HIDDEN = {
    "bell": "\x07",
    "escape": "\x1b",
    "delete": "\x7f",
    "next line": "\x85",
    "soft hyphen": "\xad",
    "combining grapheme joiner": "\u034f",
    "arabic letter mark": "\u061c",
    "hangul choseong filler": "\u115f",
    "hangul jungseong filler": "\u1160",
    "khmer inherent vowel": "\u17b4",
    "mongolian vowel separator": "\u180e",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "left-to-right mark": "\u200e",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "left-to-right override": "\u202d",
    "right-to-left override": "\u202e",
    "word joiner": "\u2060",
    "right-to-left isolate": "\u2067",
    "braille blank": "\u2800",
    "hangul filler": "\u3164",
    "variation selector 16": "\ufe0f",
    "byte order mark": "\ufeff",
    "halfwidth hangul filler": "\uffa0",
    "private use": "\ue000",
    "not assigned": "\u0378",
    "musical begin beam": "\U0001d173",
    "tag letter a": "\U000e0061",
    "variation selector 17": "\U000e0100",
}


def page_of(browser: Client, name: str) -> str:
    return browser.get(f"/admin/tools/tool/{Tool.objects.get(name=name).pk}/change/").content.decode()


@pytest.mark.parametrize("character", HIDDEN.values(), ids=HIDDEN)
def test_a_hidden_character_is_spelled_out_wherever_it_stands(
    browser: Client, server: Server, character: str
) -> None:
    text = f"Ignore{character}this"
    schema = {
        "type": "object",
        "properties": {
            f"na{character}me": {
                "type": "string",
                "description": text,
                "enum": [text],
                "default": text,
                "pattern": text,
            }
        },
    }
    discover(
        server,
        definition(
            "trick", title=text, description=text, input_schema=schema, annotations={f"a{character}": text},
            path=f"/v2/{character}",
        ),
    )  # fmt: skip
    page = page_of(browser, "trick")
    assert character not in page
    assert page.count(f"Ignore⟨U+{ord(character):04X}⟩this") >= 6
    assert f"na⟨U+{ord(character):04X}⟩me" in page


def test_every_character_without_a_look_of_its_own_is_spelled_out() -> None:
    """The categories of Unicode, and the characters it says may be ignored."""
    # Most of Unicode isn't assigned: of that, and of private planes, a sample will do.
    invisible = [
        chr(number)
        for number in range(0x20, 0x110000)
        if (category := unicodedata.category(chr(number))) in ("Cc", "Cf", "Zl", "Zp")
        or (category in ("Cn", "Co") and number % 997 == 0)
    ]
    revision = ToolRevision(digest="", definition={**EMPTY, "description": "".join(invisible)})
    shown = definition_as_html(revision)
    assert [character for character in invisible if character in shown] == []


def test_ordinary_text_stays_as_it_is(browser: Client, server: Server) -> None:
    text = "Größe, 名前, имя, שם, naïve: 1 < 2 & 3 — “quoted” ✓\nsecond line\tindented"
    discover(server, definition("plain", description=text))
    page = page_of(browser, "plain")
    assert "Größe, 名前, имя, שם, naïve: 1 &lt; 2 &amp; 3 — “quoted” ✓\nsecond line\tindented" in page
    assert "⟨U+" not in page


EMPTY = {
    "name": "empty", "title": "", "description": "", "input_schema": {"type": "object"},
    "output_schema": {"type": "object"}, "annotations": {}, "action": "read", "domain": "alerts",
    "method": "GET", "path": "/", "instructions": "",
}  # fmt: skip


def test_all_that_a_model_can_read_is_on_the_page(browser: Client, server: Server) -> None:
    def word(name: str) -> str:
        return f"canary-{name}"

    nested = {"type": "object", "properties": {word("inner-name"): {"description": word("inner-text")}}}
    discover(
        server,
        definition(
            "deep",
            title=word("title"),
            description=word("description"),
            input_schema={
                "type": "object",
                "description": word("schema-text"),
                "properties": {
                    word("name"): {"type": "array", "description": word("text"), "items": nested},
                    "one": {"anyOf": [{"const": word("const")}, {"$ref": "#/$defs/x"}]},
                },
                "$defs": {"x": {"description": word("definition-text"), "examples": [word("example")]}},
            },
            output_schema={
                "type": "object",
                "properties": {word("output-name"): {"title": word("output-title")}},
            },
            annotations={"title": word("annotation")},
        ),
    )
    page = page_of(browser, "deep")
    wanted = ["title", "description", "schema-text", "name", "text", "inner-name", "inner-text", "const",
              "definition-text", "example", "output-name", "output-title", "annotation"]  # fmt: skip
    assert [name for name in wanted if word(name) not in page] == []
    assert server.connector.instructions.split(":")[0] in page


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"anything": True, "nothing": False}},
        {"type": "object", "properties": {"many": {"type": ["string", "null"]}}},
        {"type": "object", "properties": {"odd": {"type": 7, "description": ["x"], "enum": "no list"}}},
        {"type": "object", "properties": [], "required": None},
        {"type": "object", "properties": None, "required": "text"},
        {"properties": {"a": None}},
        {},
        True,
    ],
)
def test_a_schema_of_any_shape_is_shown(schema: object) -> None:
    revision = ToolRevision(digest="", definition={**EMPTY, "input_schema": schema})
    assert isinstance(parameters_as_html(revision), str)
    assert isinstance(definition_as_html(revision), str)


def test_a_tool_without_a_definition_is_shown() -> None:
    assert "Not discovered yet." in definition_as_html(None)
    assert parameters_as_html(None) == ""
