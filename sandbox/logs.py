"""The account's log files (/v2/logs)."""

from datetime import timedelta

from sandbox.answers import Answer, TextAnswer, found
from sandbox.attachments import signed_url
from sandbox.calls import Call
from sandbox.errors import ApiError
from sandbox.keys import Right
from sandbox.operations import operation
from sandbox.times import epoch_milliseconds

NEEDS = {"configuration": True, "account_wide": True, "plans": ("Enterprise",)}
NAME_LAYOUT = "%Y-%m-%d-%H-00-00"
KEPT = timedelta(days=7)


def file_names(call: Call) -> list[str]:
    """The files there are: one for every finished hour of the last week."""
    last = call.now.replace(minute=0, second=0, microsecond=0)
    hours = int(KEPT / timedelta(hours=1))
    return [f"{last - timedelta(hours=hour):{NAME_LAYOUT}}.json" for hour in range(hours, 0, -1)]


@operation("GET", "/v2/logs/list/<marker>", Right.READ, **NEEDS)
def list_log_files(call: Call, marker: str) -> Answer:
    """The files after a marker, which is a file's name without its ending; the last is the next marker."""
    limit = call.query.number("limit", least=1, most=1000, default=100)
    call.query.check()
    names = [name for name in file_names(call) if name > f"{marker}.json"][:limit]
    instant = epoch_milliseconds(call.now)
    files = [
        {"filename": name, "date": instant, "size": 1000 + 37 * index} for index, name in enumerate(names)
    ]
    return found(files, marker=names[-1].removesuffix(".json") if names else marker)


@operation("GET", "/v2/logs/download/<filename>", Right.READ, **NEEDS)
def get_log_file_url(call: Call, filename: str) -> TextAnswer:
    """A link to a file's content, as plain text."""
    if filename not in file_names(call):
        raise ApiError(404, f"Log file does not exist with name: [{filename}]")
    return TextAnswer(signed_url(call, "logs", filename), "text/plain; charset=utf-8")
