"""A firm owned abroad is held, then let in within limits, and meets exactly those."""

import re
from datetime import date
from http import HTTPStatus

import pytest
from playwright.sync_api import Page, expect

from lineshaft.demonstration.personas import OWN_INSTITUTE
from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

FIRM = "Journey Gears AG"
LATER = f"{date.today().year + 1}-01-01"  # noqa: DTZ011, TID251 -- the browser's own day will do


def admit(page: Page, address: str) -> None:
    """Fill the form that admits the firm to the institute, and send it."""
    page.goto(f"{address}/institutes/{OWN_INSTITUTE}/members/admit/")
    page.get_by_label("Organisation").fill(FIRM)
    page.get_by_label("Membership tier").select_option("industry")
    page.get_by_role("button", name="Admit").click()


def test_foreign_firm_is_held_then_admitted_within_limits(sign_in: SignIn, address: str) -> None:
    page = sign_in("institute_manager")
    page.goto(f"{address}/organisations/register/")
    page.get_by_label("Name", exact=True).fill(FIRM)
    page.get_by_label("Kind", exact=True).select_option("industry_large")
    page.get_by_label("Country of ownership").fill("DE")
    page.get_by_role("button", name=re.compile("Register")).click()
    page.wait_for_url(re.compile(r"/organisations/\d+/$"))
    number = page.url.rstrip("/").rpartition("/")[2]

    admit(page, address)
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("joins once the sponsor has approved it")
    expect(refusal).to_contain_text("42 U.S.C. 18972")

    page.goto(f"{address}/institutes/{OWN_INSTITUTE}/participation/screen/{number}/")
    page.get_by_label("In which country is the organisation incorporated?").fill("DE")
    page.get_by_label("In which country is the work for the institute done?").fill("US")
    page.get_by_label(re.compile("Can a foreign person")).select_option("no")
    page.get_by_label(re.compile("Does a government, party")).select_option("no")
    page.get_by_label(re.compile("Who owns the organisation")).fill("Family; DE; 100; yes; 0")
    page.get_by_role("button", name="Keep the answers").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("waits for a decision")
    review = page.url

    admit(page, address)
    expect(page.get_by_role("alert")).to_contain_text("cannot be admitted")

    page = sign_out_and_in(page, sign_in, address, "agency_sponsor")
    expect(page.get_by_role("main")).to_contain_text(f"Participation of {FIRM}")
    page.goto(review)
    page.get_by_role("link", name="Approve with conditions").click()
    page.get_by_label("Reason").fill("Letter of the sponsor")
    page.get_by_label("Approved until, not included").fill(LATER)
    page.locator("[name=text_jobs_at_home]").fill("Ten jobs in Ohio")
    page.locator("[name=due_jobs_at_home]").fill(LATER)
    page.get_by_label(re.compile("No exports")).check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{FIRM} takes part")

    page = sign_out_and_in(page, sign_in, address, "institute_manager")
    admit(page, address)
    page.wait_for_url(f"**/institutes/{OWN_INSTITUTE}/members/")


def test_member_under_conditions_meets_them_in_five_places(sign_in: SignIn, address: str) -> None:
    page = sign_in("conditional_member")
    page.goto(f"{address}/participation/own/")
    main = page.get_by_role("main")
    expect(main).to_contain_text("Nothing is exported, and no other program reads.")
    expect(main).to_contain_text("Searches find what is public only.")

    page.goto(f"{address}/institutes/{OWN_INSTITUTE}/members/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("belong to")
    for path in (
        f"/institutes/{OWN_INSTITUTE}/members/export.csv",
        "/institutes/export.csv",
        "/organisations/export.json",
    ):
        answer = page.request.get(f"{address}{path}")
        assert answer.status == HTTPStatus.CONFLICT, path
        assert "lets your organisation read, and not export" in answer.text()

    page.goto(f"{address}/search/?q={OWN_INSTITUTE}")
    expect(page.get_by_role("main")).to_contain_text("this search finds what is public only")

    page.goto(f"{address}/participation/")
    expect(page.get_by_role("main")).to_contain_text("Invented Optics")
    page.get_by_role("link", name=re.compile("Invented Optics")).first.click()
    expect(page.get_by_role("main")).to_contain_text("Refused at a door")
    expect(page.get_by_role("main")).to_contain_text(f"{OWN_INSTITUTE}-members.csv")
    assert page.request.get(f"{page.url}approve/").status == HTTPStatus.FORBIDDEN


def sign_out_and_in(page: Page, sign_in: SignIn, address: str, persona: str) -> Page:
    """End the session and begin that of another persona in the same browser."""
    page.context.clear_cookies()
    page.goto(f"{address}/")
    return sign_in(persona)
