"""While AI access management is off every call is refused, and the refusal says who switches it on."""

from __future__ import annotations

from typing import Any

from audit.models import AuditRow, PortalSettings
from tests.conftest import SYSTEM
from tests.gateway.conftest import Gateway
from tools import stops
from tools.models import Stop


def refused(gateway: Gateway) -> dict[str, Any]:
    connection = gateway.connect()
    PortalSettings.objects.update(is_active=False)
    result: dict[str, Any] = connection.call("opsgenie_list_alerts")
    assert result["isError"]
    return result


def test_the_refusal_says_what_is_off_and_who_switches_it_on(gateway: Gateway) -> None:
    before = list(gateway.upstream.asked)
    result = refused(gateway)
    text = result["content"][0]["text"]
    assert text == (
        "Refused: AI access management is switched off, so every tool call is refused.\n"
        "A superuser of Portcullis switches it on under Settings. Ask a security admin, then try again."
    )
    denial = result["_meta"]["portcullis/denial"]
    assert denial["reason"] == "gateway_stopped"
    assert denial["message"] in text
    assert denial["remedy"] in text
    assert AuditRow.objects.get(event="call.denied").reason == "gateway_stopped"
    assert gateway.upstream.asked == before


def test_a_stop_says_its_own_reason_instead(gateway: Gateway) -> None:
    connection = gateway.connect()
    stops.set_stop(actor=SYSTEM, stop=Stop(level="gateway", reason="A key has leaked."))
    result = connection.call("opsgenie_list_alerts")
    text = result["content"][0]["text"]
    assert "The reason given: A key has leaked." in text
    assert "switched off" not in text
