"""The control surface under /_control/: how tests arrange the world and look behind the scenes."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from sandbox.background import do_due_work
from sandbox.errors import ApiError
from sandbox.faults import read_fault
from sandbox.fields import Fields
from sandbox.times import format_instant

if TYPE_CHECKING:
    from sandbox.app import SandboxApp

FURTHEST_CLOCK_OFFSET = 3650 * 86400


def control(app: "SandboxApp", request: Request, path: str) -> Any:
    """Answer a control request: any JSON value."""
    handler = HANDLERS.get((request.method, path.removeprefix("/_control/").rstrip("/")))
    if handler is None:
        raise ApiError(404, f"No control {request.method} {path}")
    return handler(app, read_body(request))


def read_body(request: Request) -> dict[str, Any]:
    """The JSON object sent, or an empty one."""
    content = request.get_data()
    try:
        body = json.loads(content) if content.strip() else {}
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "Request body is not valid JSON") from error
    if not isinstance(body, dict):
        raise ApiError(400, "Request body should be a JSON object")
    return body


def get_state(app: "SandboxApp", _body: dict[str, Any]) -> Any:
    """The whole state."""
    return app.state.document()


def post_state(app: "SandboxApp", body: dict[str, Any]) -> Any:
    """Replace the state by the one sent; an empty body saves the present one to the state file instead."""
    if not body:
        if app.settings.state_file is None:
            raise ApiError(422, "The sandbox was started without --state")
        app.state.save(app.settings.state_file)
        return {"saved": str(app.settings.state_file)}
    app.replace_state(body)
    return {"loaded": True}


def post_reset(app: "SandboxApp", _body: dict[str, Any]) -> Any:
    """Start afresh: state as at start-up, no faults, no latency, no requests remembered, the right time."""
    app.clock.offset = timedelta()
    app.latency = 0.0
    app.faults.clear()
    app.witness.forget()
    app.fill_state()
    return {"reset": True}


def get_clock(app: "SandboxApp", _body: dict[str, Any]) -> Any:
    """What time the sandbox thinks it is."""
    return {"now": format_instant(app.clock.now()), "offset_seconds": app.clock.offset.total_seconds()}


def post_clock(app: "SandboxApp", body: dict[str, Any]) -> Any:
    """Move the clock, by an offset from the real time or to an instant. It goes on from there."""
    fields = Fields(body)
    offset = fields.decimal("offset_seconds", least=-FURTHEST_CLOCK_OFFSET, most=FURTHEST_CLOCK_OFFSET)
    instant = fields.instant("now")
    fields.check()
    # Work that was accepted counts as done before time jumps; otherwise a jump back would postpone it.
    do_due_work(app.state, app.clock.now() + timedelta(seconds=app.settings.processing_delay))
    if instant:
        app.clock.move_to(instant)
    else:
        app.clock.offset = timedelta(seconds=offset)
    return get_clock(app, {})


def post_latency(app: "SandboxApp", body: dict[str, Any]) -> Any:
    """Make every answer wait; the effect of a request comes after the wait."""
    fields = Fields(body)
    seconds = fields.decimal("seconds", most=600.0)
    fields.check()
    app.latency = seconds
    return {"seconds": seconds}


def post_faults(app: "SandboxApp", body: dict[str, Any]) -> Any:
    """Put a fault in force."""
    app.faults.add(read_fault(Fields(body)))
    return {"faults": app.faults.documents()}


def get_faults(app: "SandboxApp", _body: dict[str, Any]) -> Any:
    """The faults in force."""
    return {"faults": app.faults.documents()}


def delete_faults(app: "SandboxApp", _body: dict[str, Any]) -> Any:
    """End all faults."""
    app.faults.clear()
    return {"faults": []}


def get_requests(app: "SandboxApp", _body: dict[str, Any]) -> Any:
    """The requests received lately, oldest first."""
    return {"requests": app.witness.entries()}


def delete_requests(app: "SandboxApp", _body: dict[str, Any]) -> Any:
    """Forget the requests received."""
    app.witness.forget()
    return {"requests": []}


HANDLERS: dict[tuple[str, str], Callable[["SandboxApp", dict[str, Any]], Any]] = {
    ("GET", "state"): get_state,
    ("POST", "state"): post_state,
    ("POST", "reset"): post_reset,
    ("GET", "clock"): get_clock,
    ("POST", "clock"): post_clock,
    ("POST", "latency"): post_latency,
    ("GET", "faults"): get_faults,
    ("POST", "faults"): post_faults,
    ("DELETE", "faults"): delete_faults,
    ("GET", "requests"): get_requests,
    ("DELETE", "requests"): delete_requests,
}
