"""A list asked for in any odd way answers without a fault, and gives no way to guess what it hides."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin

from clients.models import User
from tests.pages.addresses import Address, every_address
from tests.pages.conftest import signed_in
from tests.pages.world import World

FEW = ["\0", "9" * 40, "x" * 5_000]
TEXTS = ["", "\0", "'%_", "x" * 5_000, "9" * 40, "2026-13-45"]
COMMON = ["q", "o", "p", "all", "_facets", "id", "nonsense"]


def lists(world: World) -> list[Address]:
    return [address for address in every_address(world) if address.name.endswith("_changelist")]


def filter_parameters(root: User, rf: Any, address: Address) -> set[str]:
    """What the list's own filters and search take, from the filters themselves."""
    names: set[str] = set()
    for model, model_admin in admin.site._registry.items():
        if address.path != f"/admin/{model._meta.app_label}/{model._meta.model_name}/":
            continue
        request = rf.get(address.path)
        request.user = root
        changelist = model_admin.get_changelist_instance(request)
        for found in changelist.filter_specs:
            names |= {str(name) for name in found.expected_parameters()}
        names |= {field.name for field in model._meta.fields if field.is_relation}
    return names


def test_no_value_of_any_parameter_is_a_fault(world: World, root: User, rf: Any) -> None:
    browser = signed_in(root, raise_request_exception=False)
    faults = []
    for address in lists(world):
        texts_of = dict.fromkeys(COMMON, FEW) | dict.fromkeys(filter_parameters(root, rf, address), TEXTS)
        for name, texts in texts_of.items():
            for text in texts:
                response = browser.get(f"{address.path}?{urlencode({name: text}, errors='surrogatepass')}")
                if response.status_code >= 500:
                    faults.append((address.path, name, text[:20]))
    assert faults == []


def test_neither_in_the_search_of_pages(world: World, root: User) -> None:
    browser = signed_in(root, raise_request_exception=False)
    for name in ("s", "page", "extended"):
        for text in TEXTS:
            query = urlencode({"s": "tool", name: text}, errors="surrogatepass")
            assert browser.get(f"/admin/search/?{query}").status_code < 500, query


HIDDEN = [
    "/admin/clients/token/?hash__startswith={}",
    "/admin/clients/client/?tokens__hash__startswith={}",
    "/admin/clients/client/?owner__password__startswith={}",
    "/admin/clients/token/?client__owner__password__startswith={}",
    "/admin/clients/user/?password__startswith={}",
    "/admin/clients/user/?clients__tokens__hash__startswith={}",
    "/admin/tools/grant/?user__password__startswith={}",
    "/admin/catalog/server/?credentials__fingerprint__startswith={}",
    "/admin/catalog/server/?credentials__secret__startswith={}",
    "/admin/catalog/syncrun/?server__credentials__fingerprint__startswith={}",
    "/admin/tools/tool/?server__credentials__fingerprint__startswith={}",
]


def test_a_filter_by_what_is_never_shown_is_refused(world: World, root: User) -> None:
    """Or else a few hundred questions would spell out a hash."""
    browser = signed_in(root, raise_request_exception=False)
    for address in HIDDEN:
        assert browser.get(address.format("a")).status_code == 400, address
