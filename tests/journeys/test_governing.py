"""The council adopts a policy by its vote, one head recused, and an institute deviates from it."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from lineshaft.demonstration.personas import OWN_INSTITUTE
from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

COUNCIL = "/bodies/network-leadership-council/"


def choose_all(page: Page, prefix: str, value: str) -> int:
    """Choose the value in every field whose name begins so; returns how many there are."""
    fields = page.locator(f"select[name^='{prefix}']")
    for number in range(fields.count()):
        fields.nth(number).select_option(value)
    return fields.count()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()


def call_meeting(page: Page, address: str) -> str:
    """The officer calls a meeting for today; returns where it stands."""
    page.goto(f"{address}{COUNCIL}")
    follow(page, "Call a meeting")
    page.get_by_label("Form", exact=True).select_option("in_person")
    page.get_by_label("Day", exact=True).fill(datetime.now(UTC).date().isoformat())  # noqa: TID251 -- browser
    page.get_by_label("From", exact=True).fill("00:05")
    page.get_by_label("Time zone").select_option("UTC")
    page.locator("#id_place").fill("Room 7")
    page.locator("#id_agenda").fill("Common policies")
    press(page, "Call the meeting")
    expect(page.get_by_role("main")).to_contain_text("is called")
    return page.url


def open_the_vote(officer: Page) -> str:
    """The officer puts the motion to adopt the draft, and opens the vote; returns where it is."""
    follow(officer, "Put a motion")
    officer.locator("#id_text").fill("The council adopts the draft.")
    officer.locator("#id_version").select_option(index=1)
    today = datetime.now(UTC).date().isoformat()  # noqa: TID251 -- what the browser enters
    officer.locator("#id_in_force_on").fill(today)
    press(officer, "Put the motion")
    motion = officer.url
    follow(officer, "Open the vote")
    press(officer, "Open the vote")
    return motion


def test_council_adopts_a_policy_with_a_recusal_and_an_institute_deviates(
    sign_in: SignIn, address: str
) -> None:
    officer = sign_in("programme_officer")
    meeting = call_meeting(officer, address)
    follow(officer, "Record attendance")
    seats = choose_all(officer, "seat_", "present")
    press(officer, "Record")
    expect(officer.get_by_role("main")).to_contain_text(f"{seats} of {seats}")
    press(officer, "Open the meeting")

    follow(officer, "Disclose a conflict")
    officer.locator("#id_nature").fill("Her own firm would be paid under it.")
    officer.locator("#id_person").select_option(index=1)
    press(officer, "Disclose")
    expect(officer.get_by_role("main")).to_contain_text("disclosed a conflict and recused")

    motion = open_the_vote(officer)
    expect(officer.get_by_role("heading", level=1)).to_contain_text(f"0 of {seats - 1} have voted")
    officer.context.clear_cookies()

    manager = sign_in("institute_manager")
    manager.goto(motion)
    manager.get_by_label("For", exact=True).check()
    press(manager, "Vote")
    expect(manager.get_by_role("main")).to_contain_text("Your vote is cast.")
    manager.context.clear_cookies()

    officer = sign_in("programme_officer")
    officer.goto(motion)
    follow(officer, "Record votes")
    assert choose_all(officer, "vote_", "for") == seats - 2
    press(officer, "Record the votes")
    press(officer, "Close the vote")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("Carried")
    expect(officer.get_by_role("main")).to_contain_text(f"{seats - 1} for, 0 against")
    policy = officer.get_by_role("main").locator("a[href*='/policies/']").first
    wording = policy.get_attribute("href") or ""
    officer.goto(meeting)
    press(officer, "Close the meeting")
    press(officer, "Approve the minutes")
    with officer.expect_download() as minutes:
        follow(officer, "PDF as approved")
    assert minutes.value.suggested_filename.startswith("minutes-")
    officer.context.clear_cookies()

    manager = sign_in("institute_manager")
    key = wording.split("/")[2]
    manager.goto(f"{address}/policies/{key}/positions/{OWN_INSTITUTE}/")
    manager.locator("#id_kind").select_option("deviates")
    manager.locator("#id_reason").fill("Our university owns what its people invent.")
    press(manager, "State the position")
    expect(manager.get_by_role("main")).to_contain_text("Our university owns")
