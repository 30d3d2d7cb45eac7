"""The sandbox as a WSGI application."""

import json
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request, Response

import sandbox.domains  # noqa: F401
from sandbox.answers import TextAnswer
from sandbox.background import do_due_work
from sandbox.calls import Call
from sandbox.clock import Clock
from sandbox.control import control
from sandbox.errors import ApiError
from sandbox.fault_effects import spoil
from sandbox.faults import Faults
from sandbox.keys import Keyring
from sandbox.operations import OPERATIONS, Operation, perform
from sandbox.rate_limits import RateLimits
from sandbox.seed import fill_with_seed
from sandbox.settings import Settings
from sandbox.state import State
from sandbox.witness import Witness, describe

CONTROL_PREFIX = "/_control/"


def create_app(
    *,
    settings: Settings | None = None,
    state: State | None = None,
    clock: Clock | None = None,
    **switches: Any,
) -> "SandboxApp":
    """A sandbox for use in this process. `switches` are fields of Settings, such as `control=True`."""
    if settings is None:
        settings = Settings(**switches)
    return SandboxApp(settings, state=state, clock=clock or Clock())


class SandboxApp:
    """Takes a request through authentication, its operation, and whatever fault lies in wait."""

    def __init__(self, settings: Settings, *, state: State | None, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.latency = 0.0
        self.faults = Faults()
        self.witness = Witness(settings.witness)
        self.rate_limits = RateLimits(settings.requests_per_minute)
        self.stopping = threading.Event()
        self._keyring = Keyring(settings.keys)
        self._rules = routing_table()
        self.state = state or State()
        if state is None:
            self.fill_state()
        else:
            self._keyring.install(self.state)

    def fill_state(self) -> None:
        """Bring the state to what it is at start-up: from the state file, or seeded, or empty."""
        with self.state.lock:
            self.state.clear()
            if self.settings.state_file and self.settings.state_file.exists():
                self.state.load(self.settings.state_file)
            elif self.settings.seed:
                fill_with_seed(self.state, self.clock.now())
            self._keyring.install(self.state)

    def replace_state(self, document: Any) -> None:
        """Load a saved state; the keys given at start-up stay good. Raises ValueError."""
        with self.state.lock:
            self.state.load_document(document)
            self._keyring.install(self.state)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        path = raw_path(environ)
        if path.startswith(CONTROL_PREFIX):
            return self.control_response(request, path)(environ, start_response)
        self.witness.record(describe(request, path, self.clock.now()))
        if self.latency:
            self.stopping.wait(self.latency)
        fault = self.faults.take(request.method, path)
        if fault is None:
            return self.api_response(request, path)(environ, start_response)
        answer = self.api_response(request, path) if fault.needs_answer else None
        return spoil(fault, environ, answer, self.refusal, self.stopping)(environ, start_response)

    def control_response(self, request: Request, path: str) -> Response:
        """Answer a control request; without --control there is nothing there."""
        if not self.settings.control:
            return plain_json({"message": "The control surface is off"}, 404)
        try:
            with self.state.lock:
                return plain_json(control(self, request, path))
        except ApiError as error:
            return plain_json(error.document(), error.status)
        except (OSError, ValueError) as error:
            # A state file that can't be read or written is the caller's to repair.
            return plain_json({"message": str(error)}, 422)

    def api_response(self, request: Request, path: str) -> Response:
        """Answer an API request, whatever is in it."""
        started, request_id = time.perf_counter(), str(uuid.uuid4())
        try:
            with self.state.lock:
                return self._answer(request, path, request_id, started)
        except ApiError as error:
            return self._refuse(error, request_id, started)
        except HTTPException as error:
            return self._refuse(ApiError(error.code or 400, error.name), request_id, started)
        except Exception:  # noqa: BLE001
            # A bug of the sandbox: say so where its operator looks, and keep Opsgenie's shape.
            traceback.print_exc(file=sys.stderr)
            return self._refuse(ApiError(500, "Internal server error"), request_id, started)

    def _answer(self, request: Request, path: str, request_id: str, started: float) -> Response:
        now = self.clock.now()
        do_due_work(self.state, now)
        key = self._keyring.authenticate(self.state, request.headers.get("Authorization"))
        chosen, arguments = match(self._rules, request.method, path)
        if self.settings.rate_limits:
            self.rate_limits.check(chosen.domain)
        call = Call(request, self.state, self.settings, key, request_id, now, self.rate_limits)
        answer = perform(call, chosen, arguments)
        if isinstance(answer, TextAnswer):
            return Response(answer.text, content_type=answer.content_type)
        return respond(answer.document, answer.status, answer.headers, request_id, started)

    def refusal(self, error: ApiError) -> Response:
        """The response of a fault that refuses."""
        return self._refuse(error, str(uuid.uuid4()), time.perf_counter())

    def _refuse(self, error: ApiError, request_id: str, started: float) -> Response:
        return respond(error.document(), error.status, error.headers, request_id, started)


def plain_json(document: Any, status: int = 200) -> Response:
    """A JSON response without Opsgenie's envelope."""
    return Response(json.dumps(document), status=status, content_type="application/json")


def respond(document: Any, status: int, headers: Any, request_id: str, started: float) -> Response:
    """Put an answer into the envelope and under the headers all answers have."""
    took = round(time.perf_counter() - started, 3)
    text = json.dumps({**document, "took": took, "requestId": request_id}, ensure_ascii=False)
    response = Response(text, status=status, content_type="application/json;charset=utf-8")
    response.headers.update(
        {"X-Request-Id": request_id, "X-Response-Time": str(took), "X-RateLimit-State": "OK", **headers}
    )
    return response


@cache
def routing_table() -> Map:
    """All operations by path. It takes a while to build and is the same for every sandbox of a process."""
    rules = [Rule(each.path, methods=each.methods, endpoint=each) for each in OPERATIONS]
    return Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False)


def match(rules: Map, method: str, path: str) -> tuple[Operation, dict[str, str]]:
    """The operation of a method and path. A slash at the end is tolerated, as clients differ about it."""
    adapter: MapAdapter = rules.bind("sandbox")
    try:
        chosen, arguments = adapter.match(path.rstrip("/") or "/", method=method)
    except MethodNotAllowed as error:
        allowed = ", ".join(sorted(error.valid_methods or ()))
        raise ApiError(405, f"Method {method} is not supported here", headers={"Allow": allowed}) from error
    except NotFound as error:
        raise ApiError(404, f"No handler found for {method} {path}") from error
    return chosen, {name: unquote(value) for name, value in arguments.items()}


def raw_path(environ: dict[str, Any]) -> str:
    """The path as it was sent. Decoded, an alias with a slash in it would look like two segments."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    return urlsplit(target).path if not target.startswith("/") else target.partition("?")[0]
