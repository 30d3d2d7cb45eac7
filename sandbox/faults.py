"""Faults asked for through the control surface: which requests they hit, and how often."""

import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox.fields import Fields

KINDS = ("status", "reset", "timeout", "garbage", "truncate", "drip", "huge", "redirect", "rate_limited")


@dataclass
class Fault:
    """One fault. `times` is how many requests it still hits; None means until it is cleared."""

    kind: str
    method: str = ""
    path_prefix: str = ""
    times: int | None = 1
    after_effect: bool = False
    status: int = 500
    body: Any = None
    seconds: float = 30.0
    megabytes: int = 50
    location: str = ""
    reason: str = "ACCOUNT"
    period: int = 60

    @property
    def needs_answer(self) -> bool:
        """Whether the request takes effect first. A slow answer is a true one."""
        return self.after_effect or self.kind == "drip"

    def hits(self, method: str, path: str) -> bool:
        """Whether a request is one of those meant."""
        return self.method in ("", method) and path.startswith(self.path_prefix)

    def document(self) -> dict[str, Any]:
        """How the control surface shows it."""
        match = {"method": self.method or None, "path_prefix": self.path_prefix or None}
        return {"match": match, "kind": self.kind, "times": self.times, "after_effect": self.after_effect}


def read_fault(body: Fields) -> Fault:
    """Read a fault from a control request."""
    match = body.object("match")
    fault = Fault(
        kind=body.choice("kind", KINDS, required=True),
        method=match.text("method").upper(),
        path_prefix=match.text("path_prefix"),
        times=body.number("times", least=1) if body.given("times") else None,
        after_effect=body.flag("after_effect"),
        status=body.number("status", least=200, most=599, default=500),
        body=body.anything("body"),
        seconds=body.decimal("seconds", default=30.0),
        megabytes=body.number("megabytes", least=1, most=500, default=50),
        location=body.text("location"),
        reason=body.text("reason", default="ACCOUNT"),
        period=body.number("period", least=1, most=3600, default=60),
    )
    if fault.kind == "redirect" and not fault.location:
        body.complain("location", "may not be empty")
    if fault.kind == "redirect" and not body.given("status"):
        fault.status = 302
    body.check()
    return fault


@dataclass
class Faults:
    """The faults in force, oldest first."""

    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._faults.clear()

    def documents(self) -> list[dict[str, Any]]:
        """The faults in force, as the control surface shows them."""
        with self._lock:
            return [fault.document() for fault in self._faults]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits a request; it is used up by that as often as it says."""
        with self._lock:
            for fault in self._faults:
                if fault.hits(method, path):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times == 0:
                            self._faults.remove(fault)
                    return fault
        return None
