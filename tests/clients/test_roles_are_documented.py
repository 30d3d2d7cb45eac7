"""The tables of docs/roles.md say what the roles hold, neither more nor less."""

from __future__ import annotations

from django.conf import settings

from clients.roles import ROLES


def cells_after(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, its head first, without the line under it."""
    text = (settings.BASE_DIR / "docs/roles.md").read_text(encoding="utf-8")
    lines = text.split(heading, 1)[1].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    table = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return [table[0], *table[2:]]


def test_every_role_is_listed_with_its_purpose() -> None:
    _, *rows = cells_after("# Roles")
    documented = {name: purpose.replace(";", ".").lower().rstrip(".") for name, purpose in rows}
    assert documented == {role.name: role.purpose.lower().rstrip(".") for role in ROLES}


def test_every_permission_is_marked_for_exactly_the_roles_that_hold_it() -> None:
    head, *rows = cells_after("## What each may do")
    assert head[2:] == [role.name for role in ROLES]
    documented = {row[1].strip("`"): row[2:] for row in rows}
    assert len(documented) == len(rows)
    every = {permission for role in ROLES for permission in role.permissions}
    assert documented == {
        permission: ["yes" if permission in role.permissions else "" for role in ROLES]
        for permission in every
    }
