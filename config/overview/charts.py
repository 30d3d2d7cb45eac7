"""Figures as the page draws them: every bar, legend and cell with the address of the rows behind it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from audit.events import Event
from config.overview import links
from config.overview.traffic import ENDINGS, Bucket, Period, Tally

#: How each ending is called and coloured. The colours differ in lightness too, and stand beside words.
WORDS = {
    Event.CALL_SUCCEEDED: ("answered", "#2563eb"),
    Event.CALL_DENIED: ("denied", "#d97706"),
    Event.CALL_FAILED: ("failed", "#dc2626"),
    Event.CALL_UNKNOWN: ("outcome unknown", "#9333ea"),
}
_OPTIONS = {
    "animation": False,
    "maintainAspectRatio": False,
    "interaction": {"mode": "nearest", "axis": "x", "intersect": False},
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {
            "stacked": True,
            "grid": {"display": False},
            "ticks": {"maxRotation": 0, "autoSkipPadding": 12},
        },
        "y": {
            "stacked": True,
            "beginAtZero": True,
            "grid": {},
            "ticks": {"precision": 0, "maxTicksLimit": 6},
        },
    },
}


def time_chart(period: Period, over_time: list[tuple[Bucket, Counter[str]]]) -> dict[str, Any]:
    """Stacked bars over time, their legend with totals, and the same as rows of a table."""
    addresses = [
        [links.to_audit(bucket.start, bucket.end, event__exact=event.value) for bucket, _ in over_time]
        for event in ENDINGS
    ]
    datasets = [
        {
            "label": WORDS[event][0],
            "data": [counts[event] for _, counts in over_time],
            "backgroundColor": WORDS[event][1],
            "borderRadius": 2,
            "maxBarThickness": 28,
        }
        for event in ENDINGS
    ]
    totals: Counter[str] = Counter()
    for _, counts in over_time:
        totals.update(counts)
    return {
        "data": json.dumps({"labels": [bucket.label for bucket, _ in over_time], "datasets": datasets}),
        "options": json.dumps(_OPTIONS),
        "addresses": json.dumps(addresses),
        "legend": [_cell(event, totals[event], links.to_audit(period.start, event__exact=event.value))
                   for event in ENDINGS],
        "total": totals.total(),
        "rows": [
            {
                "label": bucket.label,
                "cells": [
                    _cell(event, counts[event], addresses[place][number])
                    for place, event in enumerate(ENDINGS)
                ],
            }
            for number, (bucket, counts) in enumerate(over_time)
        ],
    }  # fmt: skip


def bars(period: Period, tallies: Iterable[Tally], column: str) -> list[dict[str, Any]]:
    """A bar for each server or tool, as wide as its share of the busiest one, in parts by ending.

    `column` is the audit rows' column that holds its id.
    """
    listed = list(tallies)
    own: dict[int, dict[str, Any]] = {tally.key: {column: tally.key} for tally in listed}
    most = max((tally.total for tally in listed), default=1)
    all_endings = ",".join(ENDINGS)
    return [
        {
            "name": tally.name,
            "total": tally.total,
            # As text: a style takes a point, whatever the language of the page.
            "width": f"{100 * tally.total / most:.2f}",
            "address": links.to_audit(period.start, event__in=all_endings, **own[tally.key]),
            "parts": [
                _cell(
                    event,
                    tally.counts[event],
                    links.to_audit(period.start, event__exact=event.value, **own[tally.key]),
                )
                for event in ENDINGS
                if tally.counts[event]
            ],
        }
        for tally in listed
    ]


def _cell(event: Event, count: int, address: str) -> dict[str, Any]:
    word, _ = WORDS[event]
    return {"word": word, "kind": event.value.removeprefix("call."), "count": count, "address": address}
