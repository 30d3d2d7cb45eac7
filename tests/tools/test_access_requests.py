"""What the verbs of requests hold by themselves, whatever the pages before them offer."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.actor import Actor
from audit.models import AuditRow
from catalog.models import Server
from clients.models import User
from tests.conftest import give, make_person
from tests.database import everything
from tools import access_requests
from tools.models import AccessProfile, AccessRequest


@pytest.fixture
def profile(few_tools: Server, mia: User) -> AccessProfile:
    """What mia holds; published, so that others can ask for it."""
    grant = give(mia, "opsgenie_get_alert")
    AccessProfile.objects.update(is_published=True)
    return AccessProfile.objects.get(pk=grant.profile.pk)


def ask(person: User, profile: AccessProfile, **fields: Any) -> AccessRequest:
    given = {"actor": Actor.person(person), "person": person, "profile": profile, "reason": "I am on call."}
    return access_requests.ask(**{**given, **fields})


def test_what_is_not_published_any_more_can_not_be_asked_for(profile: AccessProfile, otto: User) -> None:
    AccessProfile.objects.update(is_published=False)
    before = everything()
    with pytest.raises(ValidationError, match="can't be requested"):
        ask(otto, profile)
    assert everything() == before


def test_nobody_asks_or_withdraws_for_somebody_else(profile: AccessProfile, otto: User, mia: User) -> None:
    request = ask(otto, profile)
    before = everything()
    root = make_person("root", is_superuser=True)
    for person in (mia, root):
        with pytest.raises(PermissionDenied):
            ask(otto, profile, actor=Actor.person(person))
        with pytest.raises(PermissionDenied):
            access_requests.withdraw(actor=Actor.person(person), request=request)
    root.delete()
    assert everything() == before


def test_what_is_held_already_is_not_asked_for(profile: AccessProfile, mia: User) -> None:
    with pytest.raises(ValidationError, match="already holds"):
        ask(mia, profile)
    assert not AccessRequest.objects.exists()


def test_a_decision_needs_both_permissions(profile: AccessProfile, otto: User) -> None:
    """Who may decide but not give access gives none by deciding."""
    request = ask(otto, profile)
    decider = make_person("decider", "tools.decide_accessrequest")
    with pytest.raises(PermissionDenied):
        access_requests.approve(actor=Actor.person(decider), request=request)
    request.refresh_from_db()
    assert request.state == "open"
    assert not AuditRow.objects.filter(actor_name="decider").exists()
