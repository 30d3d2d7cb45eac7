"""Time restrictions: when a rotation, a routing rule or a policy applies."""

from sandbox.fields import Fields
from sandbox.state import Record

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_restriction(body: Fields, name: str = "timeRestriction") -> Record | None:
    """Read a `timeRestriction`, or None if there isn't one."""
    if not body.given(name):
        return None
    fields = body.object(name)
    kind = fields.choice("type", ("time-of-day", "weekday-and-time-of-day"), required=True)
    if kind == "time-of-day":
        return {"type": kind, "restriction": _read_hours(fields.object("restriction", required=True))}
    if kind != "weekday-and-time-of-day":
        return None
    windows = []
    for window in fields.objects("restrictions", required=True):
        start_day = window.choice("startDay", WEEKDAYS, required=True)
        end_day = window.choice("endDay", WEEKDAYS, required=True)
        windows.append({"startDay": start_day, "endDay": end_day, **_read_hours(window)})
    return {"type": kind, "restrictions": windows}


def _read_hours(fields: Fields) -> Record:
    return {
        "startHour": fields.number("startHour", required=True, least=0, most=23),
        "startMin": fields.number("startMin", least=0, most=59),
        # Opsgenie's own examples end a day at 24:00 in some places and at 0:00 in others.
        "endHour": fields.number("endHour", required=True, least=0, most=24),
        "endMin": fields.number("endMin", least=0, most=59),
    }
