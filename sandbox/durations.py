"""Durations: an amount and a unit."""

from datetime import timedelta

from sandbox.fields import Fields
from sandbox.state import Record

UNITS = {
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
}
LONGEST = 100_000


def read_duration(
    fields: Fields, name: str, *, required: bool = False, default_unit: str = "minutes"
) -> Record:
    """Read `{timeAmount, timeUnit}`; an amount without a unit is in minutes."""
    duration = fields.object(name, required=required)
    return {
        "timeAmount": duration.number("timeAmount", required=fields.given(name), least=0, most=LONGEST),
        "timeUnit": duration.choice("timeUnit", tuple(UNITS), default=default_unit),
    }


def length_of(duration: Record) -> timedelta:
    """A duration as time."""
    return duration["timeAmount"] * UNITS[duration["timeUnit"]]
