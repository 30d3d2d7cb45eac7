from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError

from audit.actor import Actor
from audit.models import AuditRow
from clients import tokens
from clients.models import Client, User
from tests.conftest import SYSTEM, issue_token, make_person
from tests.database import everything


def test_its_owner_closes_it_with_its_tokens(mia: User) -> None:
    token, _ = issue_token(mia)
    other, _ = issue_token(mia)
    rows = set(AuditRow.objects.values_list("pk", flat=True))

    tokens.close_own_client(actor=Actor.person(mia), client=token.client)

    token.refresh_from_db()
    other.refresh_from_db()
    assert Client.objects.get(pk=token.client_id).state == Client.State.CLOSED
    assert token.revoked_at is not None
    assert (other.revoked_at, other.client.state) == (None, Client.State.ACTIVE)
    written = AuditRow.objects.exclude(pk__in=rows).order_by("pk")
    assert [(row.event, row.actor_name) for row in written] == [
        ("client.closed", "mia"),
        ("token.revoked", "mia"),
    ]
    assert written[0].detail == {"before": {"state": "active"}, "after": {"state": "closed"}}


def test_nobody_else_does_whatever_they_may_besides(mia: User, otto: User) -> None:
    token, _ = issue_token(mia)
    sam = make_person("sam", is_staff=True)
    sam.user_permissions.set(Permission.objects.all())
    root = make_person("root", is_superuser=True)
    before = everything()
    for actor in (Actor.person(otto), Actor.person(sam), Actor.person(root), SYSTEM, Actor.anonymous(None)):
        with pytest.raises(PermissionDenied, match="of their own only"):
            tokens.close_own_client(actor=actor, client=token.client)
    assert everything() == before


def test_what_is_stored_says_whose_it_is(mia: User, otto: User) -> None:
    token, _ = issue_token(mia)
    pretended = Client.objects.get(pk=token.client_id)
    pretended.owner = otto
    with pytest.raises(PermissionDenied):
        tokens.close_own_client(actor=Actor.person(otto), client=pretended)
    assert Client.objects.get(pk=token.client_id).state == Client.State.ACTIVE


def test_an_inactive_owner_does_not(mia: User) -> None:
    token, _ = issue_token(mia)
    User.objects.filter(pk=mia.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        tokens.close_own_client(actor=Actor.person(mia), client=token.client)
    assert Client.objects.get(pk=token.client_id).state == Client.State.ACTIVE


def test_a_closed_one_is_not_closed_again(mia: User) -> None:
    token, _ = issue_token(mia)
    tokens.close_own_client(actor=Actor.person(mia), client=token.client)
    before = everything()
    with pytest.raises(ValidationError, match="not open"):
        tokens.close_own_client(actor=Actor.person(mia), client=token.client)
    assert everything() == before
