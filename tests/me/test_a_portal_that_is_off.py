"""While AI access management is off, every page of a member's says so and whom to ask."""

from __future__ import annotations

import pytest

from clients.models import User
from tests.conftest import switch_on
from tests.me.conftest import PAGES, signed_in, text_of

OFF = "every call is refused. A superuser switches it on under Settings in the admin; ask a security admin."


@pytest.mark.parametrize("page", [page for page in PAGES if page != "/me/"])
def test_it_is_said_on_every_page(mia: User, page: str) -> None:
    browser = signed_in(mia)
    assert OFF not in text_of(browser.get(page))
    switch_on(is_active=False)
    assert OFF in text_of(browser.get(page))


def test_the_overview_says_it_once_among_what_is_in_the_way(mia: User) -> None:
    switch_on(is_active=False)
    page = text_of(signed_in(mia).get("/me/"))
    assert page.count("every call is refused") == 1
