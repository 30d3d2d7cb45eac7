"""What a plan leaves out, and being too fast."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.errors import ApiError
from sandbox.rate_limits import RateLimits
from tests.sandbox.conftest import KEY, Caller


@pytest.mark.parametrize(
    ("plan", "path", "status"),
    [
        ("Essentials", "/v1/incidents", 402),
        ("Essentials", "/v1/services", 402),
        ("Essentials", "/v2/logs/list/0", 402),
        ("Standard", "/v1/incidents", 200),
        ("Standard", "/v2/logs/list/0", 402),
        ("Enterprise", "/v2/logs/list/0", 200),
        ("Free", "/v2/alerts", 200),
    ],
)
def test_plans(build: Callable[..., Caller], plan: str, path: str, status: int) -> None:
    api = build(plan=plan)
    assert api.request("GET", path).status_code == status
    assert api.get("/v2/account")["plan"]["name"] == plan


def test_buckets_refill() -> None:
    time = [0.0]
    limits = RateLimits({"Alert": 40}, time_source=lambda: time[0])
    refusals: set[int] = set()

    def passed() -> int:
        count = 0
        for _ in range(100):
            try:
                limits.check("Alert")
                count += 1
            except ApiError as refusal:
                refusals.add(refusal.status)
        return count

    # Ten within a second, and forty within a minute.
    assert passed() == 10
    counts = []
    for _ in range(4):
        time[0] += 1
        counts.append(passed())
    assert counts[:2] == [10, 10]
    assert sum(counts) <= 40
    time[0] += 60
    assert passed() == 10
    limits.check("Search")
    assert refusals == {429}


def test_too_fast(build: Callable[..., Caller]) -> None:
    api = build(rate_limits=True, requests_per_minute={"Search": 8})
    statuses = [api.request("GET", "/v2/alerts").status_code for _ in range(5)]
    assert statuses[:2] == [200, 200]
    assert statuses[-1] == 429
    refusal = api.request("GET", "/v2/alerts")
    assert refusal.json["message"].startswith("You are making too many requests!")
    assert refusal.headers["X-RateLimit-State"] == "THROTTLED"
    assert refusal.headers["X-RateLimit-Period-In-Sec"] in ("1", "60")
    # Other domains have buckets of their own.
    assert api.request("GET", "/v2/account").status_code == 200


def test_request_limits(build: Callable[..., Caller]) -> None:
    api = build(KEY, "aaaaaaaa-0000-4000-8000-000000000002:integration::Ops")
    limits = api.get("/v2/request-limits/")["rateLimits"]
    assert {"domain", "limits"} == set(limits[0])
    assert {limit["periodInSeconds"] for limit in limits[0]["limits"]} == {1, 60}
    assert (
        api.with_key("aaaaaaaa-0000-4000-8000-000000000002").refused("GET", "/v2/request-limits/")[0] == 403
    )
