"""Token buckets per domain (Opsgenie docs, API rate limiting).

Every domain is checked per second and per minute. The numbers Opsgenie uses depend on the plan and on the
number of users and aren't public, so these are our own and can be set.
"""

import threading
from collections.abc import Callable, Mapping
from time import monotonic

from sandbox.fault_effects import rate_limited

DOMAINS = (
    "Alert",
    "Heartbeat",
    "Integration",
    "Configuration",
    "Incident",
    "Email",
    "Search",
    "Schedule-oncalls",
    "Integration Configuration",
)
DEFAULT_PER_MINUTE = 600
# A burst of a quarter of a minute's requests is let through within one second.
BURST_SHARE = 4


class Bucket:
    """As many tokens as fit, refilled evenly over its period."""

    def __init__(self, size: int, period: int, now: float) -> None:
        self.size = size
        self.period = period
        self._tokens = float(size)
        self._filled_at = now

    def refill(self, now: float) -> bool:
        """Put in what has come since the last time; whether there is a token."""
        self._tokens = min(self.size, self._tokens + (now - self._filled_at) * self.size / self.period)
        self._filled_at = now
        return self._tokens >= 1

    def take(self) -> None:
        """Use a token up."""
        self._tokens -= 1


class RateLimits:
    """The buckets of all domains."""

    def __init__(self, per_minute: Mapping[str, int], time_source: Callable[[], float] = monotonic) -> None:
        self._time_source = time_source
        self._lock = threading.Lock()
        now = time_source()
        self._buckets: dict[str, list[Bucket]] = {}
        for domain in DOMAINS:
            size = per_minute.get(domain, DEFAULT_PER_MINUTE)
            self._buckets[domain] = [Bucket(max(size // BURST_SHARE, 1), 1, now), Bucket(size, 60, now)]

    def check(self, domain: str) -> None:
        """Take a token for a request in a domain, or refuse it, naming the period it is too fast in."""
        with self._lock:
            now = self._time_source()
            buckets = self._buckets[domain]
            ready = [bucket.refill(now) for bucket in buckets]
            for bucket, has_token in zip(buckets, ready, strict=True):
                if not has_token:
                    raise rate_limited("ACCOUNT", bucket.period)
            for bucket in buckets:
                bucket.take()

    def document(self) -> list[dict[str, object]]:
        """The limits in the shape of /v2/request-limits."""
        return [
            {
                "domain": domain.lower().replace(" ", "-"),
                "limits": [{"periodInSeconds": each.period, "limit": each.size} for each in buckets],
            }
            for domain, buckets in self._buckets.items()
        ]
