"""`make screenshots`: the pictures in the README and docs, taken from a fresh quickstart."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.e2e.ai_client import AIClient
from tests.e2e.browser import running_browser, sign_in
from tests.e2e.processes import PROJECT, running_portal

IMAGES = PROJECT / "docs/images"
PAGES = {
    "overview": "/admin/",
    "inbox": "/admin/tools/tool/inbox/",
    "explain": "/admin/tools/tool/explain/?person=mia&tool=opsgenie_close_alert",
    "audit": "/admin/audit/auditrow/",
    "keys": "/admin/catalog/server/1/keys/",
}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder), "") as portal:
        client = AIClient(portal.walk["mcp_url"], portal.walk["user_token"])
        client.call("opsgenie_list_alerts", {"query": "status:open", "limit": 5})
        client.call("opsgenie_close_alert", {"identifier": "60"})
        client.call("opsgenie_get_on_calls", {"identifier": "Payments_schedule"})
        client.call("opsgenie_get_on_calls", {"schedule": "Payments"})
        client.call("opsgenie_count_alerts")
        with running_browser() as browser:
            page = browser.new_page(viewport={"width": 1560, "height": 800})
            sign_in(page, portal.url, portal.walk["admin_user"], portal.walk["admin_password"])
            for name, path in PAGES.items():
                page.goto(f"{portal.url}{path}")
                page.wait_for_load_state("networkidle")
                page.screenshot(path=IMAGES / f"{name}.png")
                print(IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
