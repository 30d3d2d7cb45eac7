"""The table of operations: which method and path lead to which function, and what a key needs for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.answers import Answer, TextAnswer
from sandbox.calls import TEAM_KEY_REFUSAL, Call
from sandbox.errors import ApiError, forbidden
from sandbox.keys import ApiKey, Right
from sandbox.settings import Settings

Handler = Callable[..., Answer | TextAnswer]
PAID_PLANS = ("Standard", "Enterprise")


@dataclass(frozen=True)
class Operation:
    """One operation of the API."""

    name: str
    methods: tuple[str, ...]
    path: str
    handler: Handler
    right: Right
    configuration: bool = False
    integration_key_only: bool = False
    account_wide: bool = False
    domain: str = "Configuration"
    plans: tuple[str, ...] = ()

    def authorise(self, key: ApiKey, settings: Settings) -> None:
        """Refuse a key that may not call this operation (Opsgenie docs, API key management)."""
        if self.integration_key_only and key.kind == "account":
            raise forbidden("To perform this action, use an API key from an API integration.")
        key.require([Right.CONFIGURATION, self.right] if self.configuration else [self.right])
        if self.account_wide and key.team is not None:
            raise forbidden(TEAM_KEY_REFUSAL)
        if self.plans and settings.plan not in self.plans:
            raise ApiError(
                402, f"Your plan does not include this feature, it needs {' or '.join(self.plans)}"
            )


OPERATIONS: list[Operation] = []


def operation(methods: str, path: str, right: Right, **needs: Any) -> Callable[[Handler], Handler]:
    """Register a function as the handler of a path. `methods` may name several, for verbs that drifted."""

    def register(handler: Handler) -> Handler:
        OPERATIONS.append(Operation(handler.__name__, tuple(methods.split()), path, handler, right, **needs))
        return handler

    return register


def perform(call: Call, chosen: Operation, arguments: dict[str, str]) -> Answer | TextAnswer:
    """Run an operation for a key that may have it."""
    chosen.authorise(call.key, call.settings)
    return chosen.handler(call, **arguments)
