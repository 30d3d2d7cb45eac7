"""Every verb that changes a rule, what it needs to be called, and what it must leave in the audit log."""

from __future__ import annotations

import inspect

from audit import portal_settings
from catalog import credentials, entries, rotation, servers
from clients import people, roles, tokens
from tests.verbs import of_catalog, of_clients, of_settings, of_tools
from tests.verbs.world import Verb, World
from tools import (
    access_requests,
    discovery,
    grants,
    profiles,
    review,
    reviewers,
    stops,
    tool_settings,
    toolsets,
)

__all__ = ["Verb", "World"]

MODULES = (
    portal_settings, servers, entries, credentials, rotation, review, reviewers, toolsets, profiles, grants,
    access_requests, stops, discovery, tokens, people, roles, tool_settings,
)  # fmt: skip
#: Public functions of those modules that change no rule, or only inside a verb's own block.
NO_VERBS = (
    "audit.portal_settings.current",
    "audit.portal_settings.digest_of",
    "catalog.servers.resolved_base_url",
    "catalog.entries.hidden_keys",
    "catalog.entries.offered",
    "catalog.entries.require_offered",
    "catalog.rotation.untested_or_refused",
    "catalog.credentials.check_secret_text",
    "catalog.credentials.open_target",
    "catalog.credentials.target_for",
    "catalog.credentials.note_use",
    "catalog.credentials.reencrypt",
    "tools.review.shown",
    "tools.reviewers.may_review_something",
    "tools.reviewers.require_reviewer",
    "tools.reviewers.reviewable",
    "tools.reviewers.reviewers_of",
    "tools.stops.in_force",
    "clients.roles.refuse_shipped",
    "tools.profiles.digest_of",
    "tools.toolsets.digest_of",
    "tools.toolsets.ensure_automatic",
    "tools.grants.refuse_second",
    "tools.discovery.apply",
    "clients.tokens.find",
    "clients.tokens.note_use",
)

VERBS = (*of_settings.VERBS, *of_catalog.VERBS, *of_clients.VERBS, *of_tools.VERBS)


def public_functions() -> set[str]:
    """`module.function` of everything that the modules of verbs offer."""
    return {
        f"{module.__name__}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
