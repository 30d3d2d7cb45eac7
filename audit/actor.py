"""Who is doing something, carried explicitly from the edge to the audit row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

from audit.models import AuditRow

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a request, or a part of the system acting by itself.

    `id` and `name` are copied into audit rows as text. `user` is only asked for permissions.
    """

    kind: AuditRow.ActorKind
    id: str
    name: str
    source_address: str | None = None
    request_id: str = ""
    user: Any = field(default=None, repr=False, compare=False)

    @classmethod
    def from_request(cls, request: HttpRequest) -> Actor:
        """The signed-in person behind a request."""
        return cls.person(
            request.user,
            source_address=request.META.get("REMOTE_ADDR") or None,
            request_id=getattr(request, "request_id", ""),
        )

    @classmethod
    def person(
        cls, user: AbstractBaseUser | Any, *, source_address: str | None = None, request_id: str = ""
    ) -> Actor:
        """This person, outside or inside a request."""
        return cls(
            kind=AuditRow.ActorKind.PERSON,
            id=str(user.pk),
            name=user.get_username(),
            source_address=source_address,
            request_id=request_id,
            user=user,
        )

    @classmethod
    def system(cls, name: str) -> Actor:
        """A part of Portcullis, such as "discovery", acting on a schedule or at set-up."""
        return cls(kind=AuditRow.ActorKind.SYSTEM, id="", name=name)

    @classmethod
    def anonymous(cls, source_address: str | None) -> Actor:
        """Somebody who has not shown who they are."""
        return cls(kind=AuditRow.ActorKind.ANONYMOUS, id="", name="anonymous", source_address=source_address)

    def require(self, permission: str) -> None:
        """Raise PermissionDenied unless the actor has `permission` ("tools.review_tool").

        The system's own parts need none: what they may do is what their code does.
        """
        if self.kind == AuditRow.ActorKind.SYSTEM:
            return
        if self.user is None or not self.user.has_perm(permission):
            raise PermissionDenied(f"{self.name} needs the permission {permission} for this.")
