"""Refusals, in the shape Opsgenie gives them (Opsgenie docs, response codes)."""

from collections.abc import Mapping

PERMISSION_DENIED = 40301
NOT_SUPPORTED = 40302


class ApiError(Exception):
    """Any answer that isn't a success."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: int | None = None,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.errors = dict(errors or {})
        self.headers = dict(headers or {})

    def document(self) -> dict[str, object]:
        """The JSON body, without the `took` and `requestId` every answer carries."""
        document: dict[str, object] = {"message": self.message}
        if self.code is not None:
            document["code"] = self.code
        if self.errors:
            document["errors"] = self.errors
        return document


def unprocessable(errors: Mapping[str, str]) -> ApiError:
    """The request was understood and makes no sense."""
    return ApiError(422, "Request body is not processable. Please check the errors.", errors=errors)


def forbidden(message: str) -> ApiError:
    """The key may not do this."""
    return ApiError(403, message, code=PERMISSION_DENIED)


def not_found(kind: str, identifier: str, identifier_type: str = "id") -> ApiError:
    """No such entity."""
    return ApiError(404, f"{kind} does not exist with {identifier_type}: [{identifier}]")


def name_taken(kind: str) -> ApiError:
    """Another entity of the shared name space has this name already."""
    return ApiError(409, f"There is already one {kind} with same name")


def in_use(kind: str, name: str, user: str) -> ApiError:
    """Something else still refers to the entity."""
    return ApiError(428, f"{kind} [{name}] is in use by {user}, so it can not be deleted")
