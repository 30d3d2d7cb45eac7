"""One API call: what its handler may look at."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request

from sandbox.errors import ApiError, forbidden
from sandbox.fields import Fields
from sandbox.keys import ApiKey
from sandbox.rate_limits import RateLimits
from sandbox.settings import Settings
from sandbox.state import Record, State

TEAM_KEY_REFUSAL = "Team API Keys are not authorized to perform this action."


@dataclass
class Call:
    """An authenticated, authorised request. `now` is the same instant for all of it."""

    request: Request
    state: State
    settings: Settings
    key: ApiKey
    request_id: str
    now: datetime
    rate_limits: RateLimits
    query: Fields = field(init=False)

    def __post_init__(self) -> None:
        self.query = Fields(self.request.args)

    @cached_property
    def body(self) -> Fields:
        """The JSON object sent; an absent body counts as an empty one, as actions need none."""
        return Fields(self.json)

    @cached_property
    def json(self) -> Record:
        """The raw JSON object sent."""
        content = self.request.get_data()
        if not content.strip():
            return {}
        if self.request.mimetype not in ("", "application/json") and not self.request.mimetype.endswith(
            "+json"
        ):
            raise ApiError(415, f"Content type '{self.request.mimetype}' not supported")
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "Request body is not valid JSON") from error
        if not isinstance(document, dict):
            raise ApiError(400, "Request body should be a JSON object")
        return document

    @property
    def remote_address(self) -> str:
        """The caller's address: the default source of an alert."""
        return self.request.remote_addr or "127.0.0.1"

    @property
    def team(self) -> Record | None:
        """The team the key is confined to, if it is."""
        if self.key.team is None:
            return None
        teams = self.state.table("teams").values()
        # A key of a team that is gone sees nothing, rather than everything.
        return next(
            (team for team in teams if team["name"] == self.key.team), {"id": "", "name": self.key.team}
        )

    def sees(self, team_id: str | None) -> bool:
        """Whether the key's scope covers something owned by this team."""
        team = self.team
        return team is None or team["id"] == team_id

    def require_team(self, team_id: str | None) -> None:
        """Refuse a team's key outside its team."""
        if not self.sees(team_id):
            raise forbidden(TEAM_KEY_REFUSAL)

    def url(self, **parameters: Any) -> str:
        """This request's own URL with other query parameters (None: without it), for paging."""
        query = {**self.request.args.to_dict(), **parameters}
        query = {name: value for name, value in query.items() if value is not None}
        return f"{self.request.base_url}?{urlencode(query)}"
