"""Reading bodies and query strings: every complaint is collected, then told at once as a 422."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sandbox.errors import unprocessable
from sandbox.times import parse_instant

TIMEZONES = available_timezones()


class Fields:
    """Typed access to the fields of one JSON object or query string.

    Numbers and booleans written as text are accepted, as Opsgenie's own parser does.
    """

    def __init__(
        self, source: Mapping[str, Any], *, prefix: str = "", errors: dict[str, str] | None = None
    ) -> None:
        self._source = source
        self._prefix = prefix
        self._errors: dict[str, str] = {} if errors is None else errors

    def check(self) -> None:
        """Refuse the request if anything was wrong with it."""
        if self._errors:
            raise unprocessable(self._errors)

    def complain(self, name: str, reason: str) -> None:
        """Note what is wrong with a field; the first complaint about it stands."""
        self._errors.setdefault(self._prefix + name, reason)

    @property
    def document(self) -> dict[str, Any]:
        """A copy of the object as it came, for what is kept without being understood."""
        return dict(self._source)

    def given(self, name: str) -> bool:
        """Whether the caller sent this field with a value."""
        return self._source.get(name) is not None

    def _value(self, name: str, required: bool) -> Any:
        value = self._source.get(name)
        if value is None and required:
            self.complain(name, "may not be null")
        return value

    def text(
        self, name: str, *, required: bool = False, longest: int | None = None, default: str = ""
    ) -> str:
        """A string; numbers are taken as their digits."""
        value = self._value(name, required)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.complain(name, "should be a string")
            return default
        text = str(value)
        if required and not text.strip():
            self.complain(name, "may not be empty")
        if longest is not None and len(text) > longest:
            self.complain(name, f"should not be longer than {longest} characters")
        return text

    def choice(
        self, name: str, options: Collection[str], *, required: bool = False, default: str = ""
    ) -> str:
        """One of a closed list of words."""
        text = self.text(name, required=required, default=default)
        if self.given(name) and text not in options:
            self.complain(name, f"should be one of [ {', '.join(options)} ]")
            return default
        return text

    def number(
        self,
        name: str,
        *,
        required: bool = False,
        least: int | None = None,
        most: int | None = None,
        default: int = 0,
    ) -> int:
        """A whole number within bounds."""
        value = self._value(name, required)
        if value is None:
            return default
        number = whole_number(value)
        if number is None:
            self.complain(name, "should be a whole number")
            return default
        if least is not None and number < least:
            self.complain(name, f"should be at least {least}")
        if most is not None and number > most:
            self.complain(name, f"should be at most {most}")
        return number

    def decimal(self, name: str, *, least: float = 0.0, most: float = 3600.0, default: float = 0.0) -> float:
        """A number within bounds."""
        value = self._source.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.complain(name, f"should be a number from {least} to {most}")
            return default
        return float(value)

    def anything(self, name: str) -> Any:
        """Whatever was sent."""
        return self._source.get(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self._source.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        self.complain(name, "should be true or false")
        return default

    def instant(self, name: str, *, required: bool = False) -> datetime | None:
        """An ISO 8601 instant."""
        value = self._value(name, required)
        if value is None:
            return None
        try:
            return parse_instant(value)
        except (ValueError, TypeError, OverflowError):
            self.complain(name, "should be a date in the format yyyy-MM-dd'T'HH:mm:ssZ")
            return None

    def required_instant(self, name: str) -> datetime:
        """An instant that has to be there. Without one the request is refused here already."""
        instant = self.instant(name, required=True)
        if instant is None:
            raise unprocessable(self._errors)
        return instant

    def timezone(self, name: str, *, default: str) -> str:
        """The name of a time zone of the IANA database."""
        name_of_zone = self.text(name, default=default)
        if name_of_zone not in TIMEZONES:
            self.complain(name, f"Unknown timezone '{name_of_zone}'")
            return default
        return ZoneInfo(name_of_zone).key

    def strings(self, name: str, *, most: int | None = None, longest: int | None = None) -> list[str]:
        """A list of strings, without repetitions; in a query string, separated by commas."""
        value = self._source.get(name)
        if value is None:
            return []
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.complain(name, "should be a list of strings")
            return []
        items = list(dict.fromkeys(item.strip() for item in items if item.strip()))
        if most is not None and len(items) > most:
            self.complain(name, f"should not have more than {most} elements")
        if longest is not None and any(len(item) > longest for item in items):
            self.complain(name, f"elements should not be longer than {longest} characters")
        return items

    def details(self, name: str, *, longest: int = 8000) -> dict[str, str]:
        """A flat map of strings; `longest` counts all keys and values together."""
        value = self._source.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or any(isinstance(item, list | dict) for item in value.values()):
            self.complain(name, "should be a map of strings")
            return {}
        details = {key: item if isinstance(item, str) else str(item) for key, item in value.items()}
        if sum(len(key) + len(item) for key, item in details.items()) > longest:
            self.complain(name, f"should not be longer than {longest} characters in total")
        return details

    def mapping(self, name: str) -> dict[str, Any]:
        """A JSON object whose values may be anything."""
        value = self._source.get(name)
        if value is not None and not isinstance(value, dict):
            self.complain(name, "should be an object")
            return {}
        return dict(value or {})

    def object(self, name: str, *, required: bool = False) -> "Fields":
        """A nested object, whose complaints are named `outer#inner` as Opsgenie does."""
        value = self._value(name, required)
        if value is not None and not isinstance(value, dict):
            self.complain(name, "should be an object")
            value = None
        return Fields(value or {}, prefix=f"{self._prefix}{name}#", errors=self._errors)

    def objects(self, name: str, *, required: bool = False, most: int | None = None) -> list["Fields"]:
        """A list of nested objects."""
        value = self._value(name, required)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.complain(name, "should be a list of objects")
            return []
        if most is not None and len(value) > most:
            self.complain(name, f"should not have more than {most} elements")
        return [Fields(item, prefix=f"{self._prefix}{name}#", errors=self._errors) for item in value]


def whole_number(value: Any) -> int | None:
    """The whole number a value stands for, if it does."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        return None
    try:
        return int(value)
    except (ValueError, TypeError, OverflowError):
        return None
