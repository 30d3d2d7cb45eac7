"""Who may talk to `/mcp`: exact statuses, challenges and rows, and nothing of a token in any of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from audit.models import AuditRow
from clients import tokens
from clients.models import Token, User
from clients.token_text import _checksum, new_token_text
from tests.conftest import SYSTEM, issue_token
from tests.database import everything
from tests.wire import Connection, answer_of, error_of

pytestmark = pytest.mark.django_db

NO_TOKEN = 'Bearer realm="Portcullis"'
BAD_TOKEN = f'{NO_TOKEN}, error="invalid_token", error_description="'


def ask(authorization: str | None, **more: Any) -> HttpResponse:
    """A harmless request with this Authorization header."""
    connection = Connection(None)
    given = {} if authorization is None else {"authorization": authorization}
    return connection.request("server/discover", **given, **more)


def refusal(response: HttpResponse) -> AuditRow:
    """The one row of a request that must have been refused with 401."""
    assert error_of(response) == (401, -32600, None)
    assert response["Cache-Control"] == "no-store"
    row = AuditRow.objects.filter(event__in=["authentication.failed", "request.refused"]).get()
    assert row.event == "authentication.failed"
    assert row.source_address == "127.0.0.1"
    return row


def test_a_good_token_lets_in(mia: User) -> None:
    _, text = issue_token(mia)
    response = ask(f"Bearer {text}")
    assert response.status_code == 200
    assert "result" in answer_of(response)
    assert "WWW-Authenticate" not in response
    assert not AuditRow.objects.filter(event="authentication.failed").exists()


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR", "Bearer  "])
def test_the_scheme_has_no_case(mia: User, scheme: str) -> None:
    assert ask(f"{scheme} {issue_token(mia)[1]}").status_code == 200


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer    ", "bearer"])
def test_without_a_token_the_challenge_names_no_error(authorization: str | None) -> None:
    response = ask(authorization)
    assert response["WWW-Authenticate"] == NO_TOKEN
    row = refusal(response)
    assert (row.reason, row.actor_kind, row.actor_name) == ("token_missing", "anonymous", "anonymous")


@pytest.mark.parametrize("scheme", ["Basic", "GenieKey", "Token", "Digest", "Bearer2", "BearerBearer", "JWT"])
def test_another_scheme_is_no_token(mia: User, scheme: str) -> None:
    response = ask(f"{scheme} {issue_token(mia)[1]}")
    assert response["WWW-Authenticate"] == NO_TOKEN
    assert refusal(response).reason == "token_missing"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "pct_",
        "a b c",
        "pct_short_x",
        "Bearer pct_x",
        "\xff\xfe\x80",
        "x" * 10_000,
        "%00",
        '"<script>',
    ],
)
def test_a_malformed_token_is_unknown(text: str) -> None:
    response = ask(f"Bearer {text}")
    assert response["WWW-Authenticate"].startswith(BAD_TOKEN)
    row = refusal(response)
    assert (row.reason, row.actor_kind) == ("token_unknown", "anonymous")
    assert text not in response["WWW-Authenticate"]
    assert text not in repr(everything())


def test_a_well_formed_token_nobody_has_is_unknown(mia: User) -> None:
    issue_token(mia)
    response = ask(f"Bearer {new_token_text()[1]}")
    assert response["WWW-Authenticate"].startswith(BAD_TOKEN)
    assert refusal(response).reason == "token_unknown"


def test_a_known_public_part_with_another_secret_tells_nothing_of_its_owner(mia: User) -> None:
    token, _ = issue_token(mia)
    body = f"pct_{token.public_id}_{'A' * 40}"
    known = ask(f"Bearer {body}{_checksum(body)}")
    row = refusal(known)
    assert (row.reason, row.actor_name, row.actor_id) == ("token_unknown", "anonymous", "")
    unknown = ask(f"Bearer {new_token_text()[1]}")
    assert known.content == unknown.content
    assert known["WWW-Authenticate"] == unknown["WWW-Authenticate"]


def test_an_expired_token_names_its_owner_in_the_row_only(mia: User) -> None:
    token, text = issue_token(mia)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = ask(f"Bearer {text}")
    assert response["WWW-Authenticate"].startswith(BAD_TOKEN)
    assert "expired" in response["WWW-Authenticate"]
    row = refusal(response)
    assert (row.reason, row.actor_kind, row.actor_name) == ("token_expired", "person", "mia")
    assert row.detail["token"] == f"pct_{token.public_id}_…"
    assert b"mia" not in response.content


def test_a_revoked_token_is_refused_at_once(mia: User) -> None:
    token, text = issue_token(mia)
    assert ask(f"Bearer {text}").status_code == 200
    tokens.revoke(actor=SYSTEM, token=token)
    response = ask(f"Bearer {text}")
    assert response["WWW-Authenticate"].startswith(BAD_TOKEN)
    assert "revoked" in response["WWW-Authenticate"]
    row = refusal(response)
    assert (row.reason, row.actor_name) == ("token_revoked", "mia")


def test_the_tokens_of_a_closed_client_are_refused(mia: User) -> None:
    token, text = issue_token(mia)
    tokens.close_client(actor=SYSTEM, client=token.client)
    assert refusal(ask(f"Bearer {text}")).reason == "token_revoked"


def test_a_failed_request_counts_as_no_use(mia: User) -> None:
    token, text = issue_token(mia)
    tokens.revoke(actor=SYSTEM, token=token)
    ask(f"Bearer {text}")
    token.refresh_from_db()
    assert token.last_used_at is None


@pytest.mark.parametrize("parameter", ["access_token", "token", "authorization", "bearer"])
def test_a_token_in_the_address_is_ignored(mia: User, parameter: str) -> None:
    connection = Connection(None)
    message = connection.message("server/discover")
    response = connection.http.post(
        f"/mcp?{parameter}={issue_token(mia)[1]}", message, content_type="application/json"
    )
    assert response["WWW-Authenticate"] == NO_TOKEN
    assert refusal(response).reason == "token_missing"


def test_a_token_in_a_cookie_a_header_or_the_body_is_ignored(mia: User) -> None:
    _, text = issue_token(mia)
    connection = Connection(None)
    for name in ("token", "access_token", "Authorization", "sessionid"):
        connection.http.cookies[name] = text
    message = {**connection.message("server/discover"), "access_token": text, "token": text}
    response = connection.send(message, x_api_key=text, proxy_authorization=f"Bearer {text}", cookie=text)
    assert refusal(response).reason == "token_missing"


def test_a_signed_in_session_is_ignored(sam: User) -> None:
    connection = Connection(None)
    connection.http.force_login(sam)
    assert connection.http.get("/admin/").status_code == 200
    response = connection.request("server/discover")
    assert refusal(response).reason == "token_missing"


def test_a_session_beside_a_token_does_not_count(sam: User, mia: User) -> None:
    connection = Connection(issue_token(mia)[1])
    connection.http.force_login(sam)
    assert connection.request("no/such").status_code == 404
    assert AuditRow.objects.get(event="request.refused").actor_name == "mia"


def test_two_tokens_in_one_header_are_none(mia: User) -> None:
    _, text = issue_token(mia)
    assert refusal(ask(f"Bearer {text}, Bearer {text}")).reason == "token_unknown"


def test_nothing_of_the_body_is_looked_at_before(mia: User) -> None:
    response = Connection("nonsense").send(b"not json", content_type="text/plain", mcp_method="x")
    assert refusal(response).reason == "token_unknown"


def test_no_token_text_is_in_any_row_or_log(mia: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    good, revoked = issue_token(mia), issue_token(mia)
    expired, unknown = issue_token(mia), new_token_text()
    tokens.revoke(actor=SYSTEM, token=revoked[0])
    Token.objects.filter(pk=expired[0].pk).update(expires_at=timezone.now())
    texts = [good[1], revoked[1], expired[1], unknown[1]]
    said = ""
    for text in texts:
        for response in (ask(f"Bearer {text}"), ask(f"Basic {text}"), ask(None, cookie=f"token={text}")):
            said += response.content.decode() + str(response.headers)
        response = Connection(None).http.post(
            f"/mcp?access_token={text}", {}, content_type="application/json"
        )
        said += response.content.decode() + str(response.headers)
    seen = said + caplog.text + repr(everything())
    for text in texts:
        secret = text.split("_")[2]
        assert not any(secret[start : start + 8] in seen for start in range(len(secret) - 8))
