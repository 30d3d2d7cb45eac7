"""Log files of the account (Enterprise plan)."""

from __future__ import annotations

from catalog.connectors.base import Action
from catalog.connectors.opsgenie.identifiers import path_name
from catalog.connectors.opsgenie.operation import Operation, Right, in_domain
from catalog.connectors.opsgenie.paging import ByMarker
from catalog.connectors.opsgenie.parameters import whole_number
from catalog.connectors.opsgenie.results import Items, WithheldLink
from catalog.connectors.opsgenie.shapes import WHOLE, field, record, texts

LOG_FILE = record(
    texts("filename"),
    field("size_bytes", WHOLE, "size"),
    field("date_milliseconds", WHOLE, "date"),
    headline="filename size_bytes",
)

OPERATIONS = in_domain(
    "logs",
    (
        Operation(
            name="list_log_files",
            title="List log files",
            method="GET",
            path="/v2/logs/list/{marker}",
            action=Action.READ,
            right=Right.READ,
            description="List the account's log files from a moment on. Needs the Enterprise plan.",
            parameters=(
                path_name(
                    "marker", "Where to start, such as 2026-03-01-00-00-00, or next_offset.", max_length=40
                ),
                whole_number("limit", "How many to return.", minimum=1, maximum=1000, default=20),
            ),
            result=Items(LOG_FILE, ByMarker()),
        ),
        Operation(
            name="get_log_file_url",
            title="Check a log file",
            method="GET",
            path="/v2/logs/download/{filename}",
            action=Action.READ,
            right=Right.READ,
            description=(
                "See whether a log file can be downloaded. The signed link is a secret and is withheld."
            ),
            parameters=(path_name("filename", "Its name, from list_log_files.", max_length=100),),
            result=WithheldLink(),
        ),
    ),
    configuration=True,
    core=False,
)
