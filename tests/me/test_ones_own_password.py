from __future__ import annotations

import pytest

from audit.models import AuditRow
from clients.models import User
from tests.me.conftest import read, signed_in, text_of
from tests.pages.dump import whole_database

OLD, NEW = "a long enough password", "correct horse battery staple"


def fields(**changed: str) -> dict[str, str]:
    return {"old_password": OLD, "new_password1": NEW, "new_password2": NEW, **changed}


def test_it_is_changed_and_on_record_without_its_text(mia: User) -> None:
    here, elsewhere = signed_in(mia), signed_in(mia)
    response = here.post("/me/password/", fields(), follow=True)
    assert response.redirect_chain == [("/me/", 302)]
    assert "Your password is changed." in text_of(response)
    mia.refresh_from_db()
    assert mia.check_password(NEW)
    row = AuditRow.objects.get()
    assert (row.event, row.actor_name, row.object_name) == ("user.changed", "mia", "mia")
    assert row.detail == {"password": "changed"}
    assert elsewhere.get("/me/").status_code == 302, "other sessions end"


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"old_password": "wrong"}, "Your old password was entered incorrectly"),
        ({"new_password1": "short", "new_password2": "short"}, "at least 12 characters"),
        ({"new_password2": "another long password"}, "didn’t match"),
        ({"new_password1": "\0" * 12, "new_password2": "\0" * 12}, "Null characters are not allowed"),
    ],
)
def test_a_bad_one_is_refused_with_its_reason(mia: User, changed: dict[str, str], complaint: str) -> None:
    before = whole_database()
    assert complaint in text_of(signed_in(mia).post("/me/password/", fields(**changed)))
    assert whole_database() == before


def test_who_has_none_here_is_told_so(mia: User) -> None:
    mia.set_unusable_password()
    mia.save()
    assert "you sign in another way" in read(mia, "/me/password/")
