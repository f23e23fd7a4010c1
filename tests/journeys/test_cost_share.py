import re

import pytest
from playwright.sync_api import expect

from lineshaft.demonstration.personas import OWN_INSTITUTE
from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

RECORD = f"/institutes/{OWN_INSTITUTE}/contributions/record/"


def test_finance_claims_personnel_is_refused_for_a_missing_rate_and_then_accepted(
    sign_in: SignIn, address: str
) -> None:
    page = sign_in("institute_finance")
    page.goto(f"{address}{RECORD}")
    member = page.request.get(f"{address}/api/v1/members?institute={OWN_INSTITUTE}&limit=1").json()
    organisation = member["items"][0]["organisation"]
    name = organisation["name"] if isinstance(organisation, dict) else organisation
    page.get_by_label("Contributor").fill(str(name))
    page.get_by_label("Date", exact=True).fill("2022-03-01")
    page.get_by_label("Evidence kept elsewhere").fill("Time sheets February 2022")
    page.get_by_label("Kind", exact=True).select_option("personnel")
    page.get_by_label("Units").fill("100")
    page.get_by_label("Fringe benefits").fill("25")
    page.get_by_role("button", name="Record").click()
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("Missing: rate for one unit.")
    expect(refusal).to_contain_text("2 CFR 200.306(f)")
    page.get_by_label("Rate for one unit").fill("64.00")
    page.get_by_role("button", name="Record").click()
    page.wait_for_url(re.compile(r"/contributions/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("main")).to_contain_text("100 × $64 × 125% = $8,000")
    page.get_by_role("link", name="Accept", exact=True).click()
    page.get_by_role("button", name="Accept the contribution").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Accepted")
