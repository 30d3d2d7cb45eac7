"""The reference of the Opsgenie tools says what the tools are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.connectors.opsgenie.connector import OpsgenieConnector
from config.management.commands.document_tools import page


def test_the_page_is_current() -> None:
    call_command("document_tools", "--check")


def test_a_page_that_is_not_current_is_found_and_renewed(tmp_path: Path) -> None:
    path = tmp_path / "tools.md"
    with pytest.raises(CommandError, match="Run `make docs`"):
        call_command("document_tools", "--check", page=path)
    call_command("document_tools", page=path, verbosity=0)
    call_command("document_tools", "--check", page=path)

    path.write_text(path.read_text(encoding="utf-8").replace("Acknowledge", "Ignore"), encoding="utf-8")

    with pytest.raises(CommandError, match="does not say what the tools are"):
        call_command("document_tools", "--check", page=path)


def test_a_tool_is_described_as_clients_and_keys_see_it() -> None:
    text = page(OpsgenieConnector())
    section = text.split("### add_alert_note\n")[1].split("\n### ")[0]

    assert "- Offered: core\n- Action: write\n- Request: `POST /v2/alerts/{identifier}/notes`\n" in section
    assert "- Rights: Create and Update\n- Key: API integration key\n" in section
    assert "| `note` | string (1 to 25000 characters) | yes |" in section


def test_every_domain_says_what_it_holds_and_whether_it_is_switched_on() -> None:
    text = page(OpsgenieConnector())

    assert "## Escalations\n\n5 tools, core.\n" in text
    assert "## Contacts\n\n7 tools, the further domain `contacts`.\n" in text
    assert "9 in the further domain `teams`." in text
    for domain in OpsgenieConnector.optional_domains:
        assert text.count(f"- Offered: further domain `{domain.key}`\n") == domain.tool_count


def test_fields_of_objects_in_lists_have_rows_of_their_own() -> None:
    section = page(OpsgenieConnector()).split("### create_team\n")[1].split("\n### ")[0]

    assert "| `members` | list of object" in section
    assert "| `members[].user` | string" in section
