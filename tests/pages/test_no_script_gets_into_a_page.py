"""Whatever somebody typed or an upstream said is text on every page, never markup."""

from __future__ import annotations

import uuid
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import models

from audit import log
from audit.actor import Actor
from audit.events import Event
from audit.models import AuditRow
from catalog.models import Credential, Server, SyncRun
from clients.models import Client, Token, User
from tests.conftest import SYSTEM
from tests.pages.addresses import every_address
from tests.pages.conftest import signed_in
from tests.pages.forms import fields_of, submit
from tests.pages.world import World, definition, discover
from tools import review
from tools.models import AccessProfile, AccessRequest, Grant, Review, Stop, Tool, Toolset

SCRIPT = "<script>alert('canary')</script>"
ATTRIBUTE = "\"'><img src=x onerror=alert(1)>"
EXPRESSION = "{{ 7*7 }}${alert(1)}"
EVIL = f"{SCRIPT}{ATTRIBUTE}{EXPRESSION}"
#: What may not be found raw. The shortest field holds twenty characters.
RAW = ("<script>alert", "<img src=x", "<svg/onload=")
SHORT = "<svg/onload=alert(1)>"

# Not text that somebody chose: hashes, states, and what a constraint or the code limits to plain words.
FIXED = {"password", "hash", "digest", "fingerprint", "state", "kind", "event", "actor_kind", "trigger",
         "action", "risk", "decision", "from_state", "connector_key", "region", "authentication_method",
         "tool_approval", "base_url", "prefix", "slot", "public_id", "secret", "codename", "app_label",
         "model", "tightened_action", "changed_definition", "sensitivity", "ceiling",
         "level"}  # fmt: skip


POISONED: tuple[type[models.Model], ...] = (
    Server, Credential, SyncRun, User, Group, Client, Token, Toolset, AccessProfile, Grant, Tool, Review,
    AccessRequest, Stop,
)  # fmt: skip


def _is_unique(field: models.Field) -> bool:
    """Also what is unique with others of its kind, or in whatever case."""
    return field.unique or field.name in ("name", "email")


def poison(row: models.Model) -> dict[str, Any]:
    """The script in every text column of a row, cut to what it holds."""
    changes: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if not isinstance(field, models.CharField | models.TextField) or field.name in FIXED:
            continue
        longest = getattr(field, "max_length", None) or 10_000
        text = EVIL if longest >= len(EVIL) else SHORT[:longest]
        changes[field.name] = f"{row.pk}{text}"[:longest] if _is_unique(field) else text
    return changes


@pytest.fixture
def poisoned(world: World) -> World:
    evil_schema = {
        "type": "object",
        "properties": {EVIL: {"type": EVIL, "description": EVIL, "enum": [EVIL], "default": EVIL}},
    }
    discover(
        world.server,
        definition("evil", title=EVIL, description=EVIL, domain=EVIL[:40], path=EVIL, method=EVIL,
                   input_schema=evil_schema, output_schema={EVIL: EVIL}, annotations={EVIL: EVIL}),
    )  # fmt: skip
    evil = Tool.objects.get(name="evil")
    review.disable(actor=SYSTEM, decisions=[review.shown(evil)], comment=EVIL)
    facts = log.CallFacts(
        call_id=uuid.uuid4(), client_id="c", client_name=EVIL, tool_name=EVIL, protocol_version=EVIL,
        server_name=EVIL[:120], detail={EVIL: {"arguments": [EVIL]}},
    )  # fmt: skip
    log.record_call(Event.CALL_DENIED, actor=Actor.person(world.person), facts=facts, reason=EVIL)
    log.record(Event.REQUEST_REFUSED, actor=SYSTEM, reason=EVIL, detail={EVIL: EVIL})
    for model in POISONED:
        for row in model._default_manager.all():
            model._default_manager.filter(pk=row.pk).update(**poison(row))
    SyncRun.objects.update(state="failed", error=EVIL)
    found = {"rights": {EVIL: "granted"}, "problem": EVIL}
    Credential.objects.update(probed_at=world.token.created_at, probe_result=found)
    world.shown[Tool] = evil.pk
    return world


class Executed(HTMLParser):
    """What a browser or Alpine would run: scripts, and the attributes that are programs."""

    def __init__(self) -> None:
        super().__init__()
        self.programs: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        for name, value in attributes:
            if name.startswith(("on", "x-", "@", ":", "hx-on", "hx-vals")):
                self.programs.append(value or "")
            elif name in ("href", "src", "action", "formaction") and (value or "").startswith("javascript:"):
                self.programs.append(f"canary {value}")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.programs.append(data)


def assert_harmless(address: str, response: Any) -> None:
    page = response.content.decode()
    for raw in RAW:
        assert raw not in page, f"{address}: …{page[max(0, page.find(raw) - 200) : page.find(raw) + 60]}…"
    parser = Executed()
    parser.feed(page)
    for program in parser.programs:
        assert "canary" not in program, f"{address}: {program}"
        assert "alert(1)" not in program, f"{address}: {program}"


def test_on_any_page(poisoned: World, root: User) -> None:
    browser = signed_in(root)
    seen = 0
    for rows in (None, *AuditRow.objects.values_list("pk", flat=True)):
        if rows is not None:
            poisoned.shown[AuditRow] = rows
        addresses = every_address(poisoned) if rows is None else [
            address for address in every_address(poisoned) if address.name == "audit_auditrow_change"
        ]  # fmt: skip
        for address in addresses:
            response = browser.get(address.path)
            assert_harmless(address.path, response)
            seen += response.content.decode().count("canary")
    assert seen > 100, "the text is on the pages, as text"


def test_on_no_list_that_was_searched_or_filtered_by_it(poisoned: World, root: User) -> None:
    browser = signed_in(root)
    for address in every_address(poisoned):
        if address.name.endswith("_changelist"):
            for name in ("q", "actor_name__icontains", "event__exact", "domain", "e", "o", "nonsense"):
                assert_harmless(address.path, browser.get(address.path, {name: EVIL}, follow=True))
    assert_harmless("search", browser.get("/admin/search/", {"s": EVIL}))
    assert_harmless("search", browser.get("/admin/search/", {"s": "evil", "extended": "1"}))


def test_in_no_form_that_is_sent_back_or_message_that_follows(poisoned: World, root: User) -> None:
    browser = signed_in(root)
    forms = {
        "/admin/catalog/server/add/?connector=opsgenie": "server_form",
        "/admin/tools/toolset/add/": "toolset_form",
        "/admin/tools/accessprofile/add/": "accessprofile_form",
        "/admin/tools/grant/add/": "grant_form",
        "/admin/clients/user/add/": "user_form",
        "/admin/auth/group/add/": "group_form",
        "/admin/clients/token/add/": "token_form",
    }
    for path, form in forms.items():
        names = fields_of(browser.get(path), form)
        typed = {name: EVIL for name in names if not name.startswith("csrf")}
        assert_harmless(path, submit(browser, path, form, **typed))
        assert_harmless(path, browser.get(path.split("add/")[0]))
    for path in ("catalog/server", "clients/token", "clients/client", "tools/grant"):
        for address in every_address(poisoned):
            if address.of_object and f"/{path}/" in address.path and address.path.endswith(
                ("/pause/", "/resume/", "/revoke/", "/close/", "/end/")
            ):  # fmt: skip
                browser.post(address.path, {"_form_submitted": "on"})
                assert_harmless(address.path, browser.get(f"/admin/{path}/"))


def test_on_no_page_that_asks_for_a_decision(poisoned: World, root: User) -> None:
    browser = signed_in(root)
    everything = [str(pk) for pk in Tool.objects.values_list("pk", flat=True)]
    for action in ("approve", "disable"):
        page = browser.post("/admin/tools/tool/", {"action": action, "_selected_action": everything})
        assert b"canary" in page.content
        assert_harmless(action, page)
        data = {**fields_of(page, "inbox-bulk"), "comment": EVIL * 100}
        address = page.context["action_address"]
        assert_harmless(action, browser.post(address, data))
        data = {**fields_of(page, "inbox-bulk"), "chosen": [str(poisoned.shown[Tool])], "comment": EVIL}
        assert_harmless(action, browser.post(address, {**data, "preview": "1"}))
        assert_harmless(action, browser.post(address, data, follow=True))


def test_the_page_that_shows_a_token_holds_none(poisoned: World, root: User) -> None:
    browser = signed_in(root)
    typed = {"owner": str(poisoned.person.pk), "client_name": EVIL[:80]}
    response = submit(browser, "/admin/clients/token/add/", "token_form", **typed)
    assert b"pct_" in response.content
    assert_harmless("created", response)
