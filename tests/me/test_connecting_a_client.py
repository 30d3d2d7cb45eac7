from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from clients.models import User
from tests.e2e.processes import PROJECT
from tests.me.conftest import Gateway, signed_in
from tests.wire import Connection, answer_of
from tools.me.connecting import ConnectionGuide, guides

URL = "https://portal.example/mcp"
GUIDES = {guide.key: guide for guide in guides(URL)}


def test_each_client_has_a_section_of_its_own_with_its_text(mia: User, settings: Any) -> None:
    settings.PORTCULLIS_PUBLIC_URL = "https://portal.example"
    response = signed_in(mia).get("/me/connect/")
    page = response.content.decode()
    assert response.context["guides"] == list(GUIDES.values())
    for guide in GUIDES.values():
        assert f'<h2 id="{guide.key}">{guide.title}</h2>' in page
        assert f'href="#{guide.key}"' in page
        assert page.count(f'id="text-{guide.key}"') == page.count(f'data-copy="text-{guide.key}"') == 1


@pytest.mark.parametrize("key", ["claude-desktop", "cursor", "vs-code", "copilot-cli", "other"])
def test_what_is_pasted_is_json_that_names_address_and_token(key: str) -> None:
    text = GUIDES[key].text
    assert URL in text
    assert "Bearer pct_…" in text or "Bearer ${input:portcullis-token}" in text
    content = json.loads(text)
    entry = content["servers" if key == "vs-code" else "mcpServers"]["portcullis"]
    if key != "claude-desktop":
        assert (entry["type"], entry["url"]) == ("http", URL)
        assert entry["headers"]["Authorization"].startswith("Bearer ")


def test_the_check_by_hand_answers_with_the_tools(gateway: Gateway) -> None:
    """The command's own headers and body, sent as curl would."""
    words = shlex.split(GUIDES["check"].text.replace("\\\n", ""))
    assert words[:3] == ["curl", "-sS", URL]
    sent = [words[index + 1] for index, word in enumerate(words) if word == "-H"]
    body = words[words.index("-d") + 1]
    connection = gateway.connect()
    headers = dict(line.split(": ", 1) for line in sent)
    assert headers == {"Authorization": "Bearer pct_…", "Content-Type": "application/json"}
    answer = Connection(connection.token).send(body.encode(), accept="*/*")
    assert len(answer_of(answer)["result"]["tools"]) == 6


@pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES.keys())
def test_the_documentation_says_the_same(guide: ConnectionGuide) -> None:
    documented = (PROJECT / "docs/connect.md").read_text(encoding="utf-8")
    assert guide.title in documented
    assert guide.text.replace(URL, "https://<your portal>/mcp") in documented


def test_no_token_is_on_the_page_but_whom_to_ask(gateway: Gateway, mia: User) -> None:
    token = gateway.connect().token
    assert token is not None
    page = signed_in(mia).get("/me/connect/").content.decode()
    assert token not in page
    assert token.split("_")[1] not in page
    assert "Ask a security admin for a token." in page
