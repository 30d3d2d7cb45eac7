from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from audit.actor import Actor
from audit.models import AuditRow
from clients.models import User
from tests.conftest import SYSTEM
from tests.database import everything
from tests.threads import Beside
from tools import grants, profiles
from tools.models import AccessProfile, Grant

NOW = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def profile(db: None) -> AccessProfile:
    return profiles.save(actor=SYSTEM, profile=AccessProfile(name="On call"), toolsets=[])


@pytest.fixture(autouse=True)
def at_half_past_nine() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def give(profile: AccessProfile, actor: Actor = SYSTEM, **fields: Any) -> Grant:
    return grants.give(actor=actor, grant=Grant(profile=profile, reason="On call.", **fields))


def test_it_names_who_gave_it_and_why(profile: AccessProfile, sam: User, mia: User) -> None:
    give(profile, Actor.person(sam), user=mia, ends_at=NOW + HOUR)
    grant = Grant.objects.get()
    assert (grant.user, grant.group, grant.approver, grant.reason) == (mia, None, "sam", "On call.")
    assert (grant.starts_at, grant.ends_at) == (NOW, NOW + HOUR)
    row = AuditRow.objects.get(event="grant.given")
    assert (row.actor_name, row.object_name) == ("sam", "On call for mia")
    assert row.detail["after"] == {
        "profile": "On call",
        "holder": "mia",
        "from": "2026-08-01T09:30:00Z",
        "until": "2026-08-01T10:30:00Z",
        "reason": "On call.",
    }


def test_the_approver_is_whoever_gives_it(profile: AccessProfile, sam: User, mia: User) -> None:
    assert give(profile, Actor.person(sam), user=mia, approver="the boss").approver == "sam"


@pytest.mark.parametrize(
    "wrong",
    ["nobody", "two holders", "ends at its start", "ends before its start", "no reason"],
)
def test_a_grant_that_makes_no_sense_is_refused(profile: AccessProfile, mia: User, wrong: str) -> None:
    group = Group.objects.create(name="operators")
    fields: dict[str, Any] = {
        "nobody": {},
        "two holders": {"user": mia, "group": group},
        "ends at its start": {"user": mia, "ends_at": NOW},
        "ends before its start": {"user": mia, "starts_at": NOW + HOUR, "ends_at": NOW},
        "no reason": {"user": mia},
    }[wrong]
    before = everything()
    with pytest.raises(ValidationError):
        grants.give(
            actor=SYSTEM,
            grant=Grant(profile=profile, reason="" if wrong == "no reason" else "On call.", **fields),
        )
    assert everything() == before


def test_nobody_gets_what_they_hold(profile: AccessProfile, mia: User, otto: User) -> None:
    group = Group.objects.create(name="operators")
    give(profile, user=mia)
    give(profile, group=group)
    before = everything()
    for holder in ({"user": mia}, {"group": group}):
        with pytest.raises(ValidationError, match="already holds On call"):
            give(profile, **holder)
    assert everything() == before
    give(profile, user=otto)


def test_what_has_ended_can_be_given_again(profile: AccessProfile, mia: User) -> None:
    grants.end(actor=SYSTEM, grant=give(profile, user=mia))
    give(profile, user=mia, ends_at=NOW + HOUR)
    with time_machine.travel(NOW + HOUR, tick=False):
        give(profile, user=mia)
    assert Grant.objects.count() == 3


def test_ending_it_ends_it_now(profile: AccessProfile, mia: User, at_half_past_nine: Any) -> None:
    grant = give(profile, user=mia, ends_at=NOW + 10 * HOUR)
    at_half_past_nine.move_to(NOW + HOUR)
    grants.end(actor=SYSTEM, grant=grant)
    stored = Grant.objects.get()
    assert stored.ends_at == NOW + HOUR
    assert not stored.is_live(NOW + HOUR)
    row = AuditRow.objects.get(event="grant.ended")
    assert row.detail == {
        "before": {"until": "2026-08-01T19:30:00Z"},
        "after": {"until": "2026-08-01T10:30:00Z"},
    }


def test_ending_it_twice_is_an_error(profile: AccessProfile, mia: User) -> None:
    grant = give(profile, user=mia)
    stale = Grant.objects.get()
    grants.end(actor=SYSTEM, grant=grant)
    before = everything()
    for known in (grant, stale):
        with pytest.raises(ValidationError, match="already ended"):
            grants.end(actor=SYSTEM, grant=known)
    assert everything() == before


def test_one_that_ran_out_is_not_ended_again(
    profile: AccessProfile, mia: User, at_half_past_nine: Any
) -> None:
    grant = give(profile, user=mia, ends_at=NOW + HOUR)
    at_half_past_nine.move_to(NOW + HOUR)
    with pytest.raises(ValidationError, match="already ended"):
        grants.end(actor=SYSTEM, grant=grant)
    assert Grant.objects.get().ends_at == NOW + HOUR


@pytest.mark.parametrize("ends_at", [None, NOW + 3 * HOUR])
def test_one_that_has_not_begun_never_begins(
    profile: AccessProfile, mia: User, ends_at: datetime | None
) -> None:
    grant = give(profile, user=mia, starts_at=NOW + 2 * HOUR, ends_at=ends_at)
    grants.end(actor=SYSTEM, grant=grant)
    stored = Grant.objects.get()
    moments = [NOW + timedelta(minutes=minutes) for minutes in range(0, 300, 5)]
    assert not any(stored.is_live(moment) for moment in moments)
    with pytest.raises(ValidationError, match="already ended"):
        grants.end(actor=SYSTEM, grant=grant)


@pytest.mark.django_db(transaction=True)
def test_of_two_grants_at_once_one_is_given(profile: AccessProfile, mia: User) -> None:
    def give_again() -> str:
        try:
            give(AccessProfile.objects.get(), user=User.objects.get(pk=mia.pk))
        except ValidationError:
            return "refused"
        return "given"

    beside = [Beside(give_again) for _ in range(3)]
    assert sorted(thread.result() for thread in beside) == ["given", "refused", "refused"]
    assert Grant.objects.count() == 1
