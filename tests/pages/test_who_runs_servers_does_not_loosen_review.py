"""Whoever runs servers doesn't decide which tools need a review: that takes the right to review them all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from audit.actor import Actor
from catalog import servers
from catalog.models import Server
from clients.models import User
from tests.conftest import KEY, make_person
from tests.database import everything
from tests.pages.conftest import signed_in
from tests.pages.forms import submit
from tests.roles import holder_of

LOOSER = ({"tool_approval": "not_required"}, {"changed_definition": "accept"})


@pytest.fixture
def operator(db: None) -> User:
    return holder_of("operator")


@pytest.fixture
def forms(server: Server) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server's form, and of the form for another one, with what has to be filled in."""
    new = {"name": "Second", "prefix": "second", "region": "eu", "secret_text": KEY, "slot": "account"}
    return iter(
        [
            (f"/admin/catalog/server/{server.pk}/change/", {}),
            ("/admin/catalog/server/add/?connector=opsgenie", new),
        ]
    )


def browser_of(person: User) -> Client:
    return signed_in(person)


@pytest.mark.parametrize("looser", LOOSER)
def test_the_forms_of_an_operator_keep_what_needs_review(
    operator: User, forms: Iterator[tuple[str, dict[str, str]]], looser: dict[str, str]
) -> None:
    for address, filled in forms:
        browser = browser_of(operator)
        page = browser.get(address).content.decode()
        assert page.count("Changed by those who review the tools of every server.") == 2
        assert submit(browser, address, "server_form", **filled, **looser).status_code == 302
    assert set(Server.objects.values_list("name", "tool_approval", "changed_definition")) == {
        ("Opsgenie", "inherit", ""), ("Second", "inherit", ""),
    }  # fmt: skip


@pytest.mark.parametrize("looser", LOOSER)
def test_nor_by_the_verbs(operator: User, server: Server, looser: dict[str, str]) -> None:
    before = everything()
    changed = Server.objects.get(pk=server.pk)
    new = Server.objects.get(pk=server.pk)
    new.pk, new._state.adding, new.name, new.prefix = None, True, "Second", "second"
    for name, value in looser.items():
        setattr(changed, name, value)
        setattr(new, name, value)
    with pytest.raises(PermissionDenied, match=r"tools\.review_tool"):
        servers.change(actor=Actor.person(operator), server=changed)
    with pytest.raises(PermissionDenied, match=r"tools\.review_tool"):
        servers.register(actor=Actor.person(operator), server=new, secret_text=KEY, slot="account")
    assert everything() == before


@pytest.mark.parametrize("looser", LOOSER)
def test_nor_by_somebody_who_reviews_some_servers_and_runs_them(
    server: Server, looser: dict[str, str]
) -> None:
    both = make_person("both", "catalog.change_server", "tools.review_assigned_tool")
    for name, value in looser.items():
        setattr(server, name, value)
    with pytest.raises(PermissionDenied):
        servers.change(actor=Actor.person(both), server=server)


@pytest.mark.parametrize("looser", LOOSER)
def test_a_governance_admin_sets_it(
    forms: Iterator[tuple[str, dict[str, str]]], looser: dict[str, str]
) -> None:
    browser = browser_of(holder_of("governance"))
    for address, filled in forms:
        assert submit(browser, address, "server_form", **filled, **looser).status_code == 302
    assert Server.objects.filter(**looser).count() == 2
