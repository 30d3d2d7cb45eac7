"""The account itself (/v2/account)."""

from sandbox.answers import Answer, found
from sandbox.calls import Call
from sandbox.keys import Right
from sandbox.operations import operation


@operation("GET", "/v2/account", Right.READ, configuration=True, account_wide=True, domain="Configuration")
def get_account(call: Call) -> Answer:
    """The account's name, its plan and how many users it has."""
    account = call.state.table("account").get("account", {"name": "sandbox", "maxUserCount": 100})
    return found(
        {
            "name": account["name"],
            "userCount": len(call.state.table("users")),
            "plan": {"maxUserCount": account["maxUserCount"], "name": call.settings.plan, "isYearly": True},
        }
    )


@operation("GET", "/v2/request-limits", Right.READ, account_wide=True)
def get_request_limits(call: Call) -> Answer:
    """How many requests each domain allows. Undocumented; Opsgenie's own backup tool asks for it."""
    return found({"rateLimits": call.rate_limits.document()})
