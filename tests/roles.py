"""The roles that come with the product, as columns of the tables that say what each of them may do."""

from __future__ import annotations

from django.contrib.auth.models import Group

from clients.models import User
from tests.conftest import make_person

ROLES = {
    "governance": "AI governance admin",
    "reviewer": "Reviewer",
    "operator": "Operator",
    "auditor": "Auditor",
    "member": "Member",
}


def table(text: str) -> dict[str, dict[str, str]]:
    """The lines of a table by their first word, each a cell by column."""
    head, *lines = [line.split() for line in text.splitlines() if line]
    assert head[1:] == list(ROLES)
    return {line[0]: dict(zip(ROLES, line[1:], strict=True)) for line in lines}


def holder_of(column: str) -> User:
    """A person with this role and no other right; all but a member may sign in to the admin."""
    person = make_person(column, is_staff=column != "member")
    person.groups.add(Group.objects.get(name=ROLES[column]))
    return User.objects.get(pk=person.pk)
