"""The chart of the start page in a browser: a click on a bar opens the rows that the bar counts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.ai_client import AIClient
from tests.e2e.browser import running_browser, watched_page
from tests.e2e.processes import Portal

pytestmark = pytest.mark.browser

PLACE_OF_LAST_BAR = """canvas => {
  const bars = Chart.getChart(canvas).getDatasetMeta(0).data;
  const {x, y, base} = bars[bars.length - 1];
  return {x, y: (y + base) / 2};
}"""


def click_last_bar(page: Page) -> None:
    canvas = page.locator("[data-links] canvas")
    canvas.scroll_into_view_if_needed()
    canvas.click(position=canvas.evaluate(PLACE_OF_LAST_BAR))


def test_a_bar_opens_its_rows(portal: Portal) -> None:
    client = AIClient(portal.walk["mcp_url"], portal.walk["user_token"])
    for _ in range(3):
        client.call("opsgenie_count_alerts")
    with running_browser() as browser, watched_page(browser, portal) as page:
        page.goto(f"{portal.url}/admin/?period=month")
        click_last_bar(page)
        page.wait_for_url("**/admin/audit/auditrow/?event__exact=call.succeeded&at_from_0=*")
        assert page.locator("#result_list").get_by_text("opsgenie_count_alerts").count() >= 3
        expect(page.locator("#result_list").get_by_text("Call admitted")).to_have_count(0)
