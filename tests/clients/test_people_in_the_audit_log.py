from __future__ import annotations

from django.contrib.auth.models import Group, Permission

from audit.models import AuditRow
from clients import people
from clients.models import User
from tests.conftest import SYSTEM, issue_token
from tests.database import everything

PASSWORD = "correct horse battery staple"


def details() -> list[dict[str, object]]:
    return list(AuditRow.objects.order_by("pk").values_list("detail", flat=True))


def test_a_new_password_is_told_but_not_shown(mia: User) -> None:
    mia.set_password(PASSWORD)
    people.save_user(actor=SYSTEM, user=mia)
    assert details() == [{"password": "changed", "before": {}, "after": {}}]
    assert mia.password not in repr(AuditRow.objects.values())


def test_a_password_changed_by_djangos_page_is_told_too(mia: User) -> None:
    with people.recording_password_change(actor=SYSTEM, user_id=mia.pk):
        mia.set_password(PASSWORD)
        mia.save()
    assert details() == [{"password": "changed"}]


def test_a_page_that_changed_nothing_leaves_no_row(mia: User) -> None:
    with people.recording_password_change(actor=SYSTEM, user_id=mia.pk):
        pass
    with people.recording_password_change(actor=SYSTEM, user_id=987_654):
        pass
    people.save_user(actor=SYSTEM, user=mia)
    people.set_memberships(actor=SYSTEM, user=mia, groups=[], permissions=[])
    assert details() == []


def test_a_new_person_is_told_without_a_password(db: None) -> None:
    nina = User(username="nina", email="nina@example.com")
    nina.set_password(PASSWORD)
    people.save_user(actor=SYSTEM, user=nina)
    row = AuditRow.objects.get()
    assert (row.event, row.object_name) == ("user.created", "nina")
    assert "password" not in row.detail["after"]
    assert nina.password not in repr(AuditRow.objects.values())


def test_becoming_more_than_a_member_is_told(mia: User) -> None:
    mia.is_superuser = mia.is_staff = True
    people.save_user(actor=SYSTEM, user=mia)
    assert details() == [
        {
            "before": {"is_staff": False, "is_superuser": False},
            "after": {"is_staff": True, "is_superuser": True},
        }
    ]


def test_new_rights_are_told_by_name(mia: User) -> None:
    review = Permission.objects.get(codename="review_tool")
    group = people.save_group(actor=SYSTEM, group=Group(name="reviewers"), permissions=[review])
    people.set_memberships(actor=SYSTEM, user=mia, groups=[group], permissions=[review])
    assert details() == [
        {"after": {"name": "reviewers", "permissions": ["tools.review_tool"]}},
        {
            "before": {"groups": [], "permissions": []},
            "after": {"groups": ["reviewers"], "permissions": ["tools.review_tool"]},
        },
    ]


def test_what_a_person_did_stays_when_they_go(mia: User) -> None:
    issue_token(mia)
    before = everything()["audit.AuditRow"]
    assert len(before) == 2
    people.delete_user(actor=SYSTEM, user=mia)
    row = AuditRow.objects.get(event="user.deleted")
    assert (row.object_name, row.detail["before"]["email"]) == ("mia", "mia@example.com")
    assert everything()["audit.AuditRow"][: len(before)] == before
