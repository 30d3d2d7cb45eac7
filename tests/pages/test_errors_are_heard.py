"""What is wrong with a field is tied to it, so that a screen reader says it with the field."""

from __future__ import annotations

import re

from django.test import Client

from tests.pages.conftest import signed_in
from tests.pages.world import World


def test_a_refused_field_names_its_error_and_its_help(root: object, world: World) -> None:
    browser: Client = signed_in(root)  # type: ignore[arg-type]
    page = browser.post("/admin/tools/stop/set/", {"level": "gateway", "reason": ""}).content.decode()
    (described,) = re.findall(r'name="reason"[^>]*aria-describedby="([^"]+)"', page)
    assert described.split() == ["id_reason_helptext", "id_reason_error"]
    for identifier in described.split():
        assert len(re.findall(f'id="{identifier}"', page)) == 1, identifier
    assert "Say why" in page.partition('id="id_reason_error"')[2].partition("</ul>")[0]
