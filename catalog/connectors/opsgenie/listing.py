"""The arguments and answers of lists, which are the same all over."""

from __future__ import annotations

from dataclasses import replace

from catalog.connectors.opsgenie.parameters import Parameter, Place, choice, text, whole_number

# A page a model can read; Opsgenie allows up to 100.
LIMIT = whole_number("limit", "How many to return.", minimum=1, maximum=100, default=20)
OFFSET = whole_number("offset", "Where to start; next_offset of the page before.", default=0)
PAGE: tuple[Parameter, ...] = (LIMIT, OFFSET)

# Opsgenie has no pages for these lists: it sends all, and the page is cut here.
LOCAL_PAGE: tuple[Parameter, ...] = tuple(replace(parameter, place=Place.LOCAL) for parameter in PAGE)

# Opaque positions, as in the logs and notes of alerts.
KEYED_PAGE: tuple[Parameter, ...] = (
    LIMIT,
    text("offset", "next_offset of the page before.", max_length=200),
)


def order(default: str) -> Parameter:
    """Ascending or descending."""
    return choice("order", "Sort direction.", ("asc", "desc"), default=default)
