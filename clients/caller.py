from __future__ import annotations

from dataclasses import dataclass

from audit.actor import Actor
from clients.models import Client, Token, User


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling `/mcp`: a person, through one of their clients, by a token.

    What it says was true when the request was authenticated; admission reads it again.
    """

    user: User
    client: Client
    token: Token
    actor: Actor

    # DRF's IsAuthenticated asks the user; its throttles and logs ask `pk`.
    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def pk(self) -> int:
        return self.user.pk
