"""What can be chosen when the sandbox is started."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.keys import DEFAULT_KEY, ApiKey

PLANS = ("Free", "Essentials", "Standard", "Enterprise")


@dataclass(frozen=True)
class Settings:
    """The sandbox's switches; the defaults suit a quickstart."""

    keys: tuple[ApiKey, ...] = (ApiKey(DEFAULT_KEY),)
    seed: bool = True
    processing_delay: float = 0.05
    control: bool = False
    witness: Path | None = None
    state_file: Path | None = None
    rate_limits: bool = False
    requests_per_minute: Mapping[str, int] = field(default_factory=dict)
    plan: str = "Enterprise"
    truncate_long_messages: bool = False
