"""A reviewer meets the doors that a conflict of interest shuts, and reviews what is assigned; the
programme officer follows the judging from the panel to the ranked list.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

COMPETITION = "/competitions/demo-2026-01/"
STAGE = 2
"""The number of the stage in which concept papers are reviewed."""

OWN = "Cold packaging line (demonstration)"
"""Where the persona reviewer works leads the first application."""

COMPUTED_MS = 120_000


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    exact = isinstance(name, str)
    page.get_by_role("main").get_by_role("link", name=name, exact=exact).first.click()


def status(page: Page, url: str) -> int:
    answer = page.goto(url)
    assert answer is not None
    return answer.status


def write_whole_review(page: Page) -> None:
    """Score every criterion, name a strength of each, and say what decides."""
    for scores in page.locator("main fieldset").all():
        scores.get_by_role("radio").nth(1).check()
    for strengths in page.locator('textarea[name^="strengths-"]').all():
        strengths.fill("The line is described station by station.")
    page.locator("#id_summary").fill("A line that others could use.")


def test_reviewer_meets_closed_doors_and_reviews_what_is_assigned(
    sign_in: SignIn, address: str
) -> None:
    officer = sign_in("programme_officer")
    officer.goto(f"{address}{COMPETITION}applications/")
    closed = officer.get_by_role("main").get_by_role("link", name=OWN)
    shut = closed.get_attribute("href")
    officer.context.clear_cookies()

    reviewer = sign_in("reviewer")
    assert status(reviewer, f"{address}{shut}") == 404
    reviewer.goto(f"{address}/conflicts/own/")
    expect(reviewer.get_by_role("heading", level=1)).to_contain_text("of yours stand")
    expect(reviewer.get_by_role("main")).not_to_contain_text(OWN)
    reviewer.goto(f"{address}{COMPETITION}applications/")
    expect(reviewer.get_by_role("main")).not_to_contain_text(OWN)

    reviewer.goto(f"{address}/reviews/")
    main = reviewer.get_by_role("main")
    expect(reviewer.get_by_role("heading", level=1)).to_contain_text("yours to submit")
    own = main.get_by_role("row").filter(has_text="DEMO-2026-01")
    expect(own.filter(has_text=OWN)).to_have_count(0)
    waiting = main.get_by_role("row").count()
    own.first.get_by_role("link").first.click()
    follow(reviewer, "Write the review")
    written = reviewer.url
    press(reviewer, "Save, and go on to submitting")
    expect(main.get_by_role("heading", name="Still lacking")).to_be_visible()
    reviewer.goto(written)
    write_whole_review(reviewer)
    press(reviewer, "Save, and go on to submitting")
    expect(main).to_contain_text("The review is whole.")
    press(reviewer, "Submit the review")
    expect(main).to_contain_text("Your review is submitted.")
    assert main.get_by_role("row").count() == waiting
    reviewer.goto(written)
    expect(main).to_contain_text("Submitted on")


def test_officer_follows_the_judging_from_the_panel_to_the_ranked_list(
    sign_in: SignIn, address: str
) -> None:
    officer = sign_in("programme_officer")
    main, head = officer.get_by_role("main"), officer.get_by_role("heading", level=1)
    officer.goto(f"{address}{COMPETITION}panel/{STAGE}/")
    expect(main.get_by_role("heading", name="Seats")).to_be_visible()
    expect(main).to_contain_text("May judge")

    follow(officer, "Conflicts")
    expect(head).to_contain_text("for a decision")
    expect(main).to_contain_text("15 U.S.C. 278s(e)(4)(B)(ii)")
    officer.goto(f"{address}{COMPETITION}conflicts/?outcome=open")
    main.get_by_role("row").nth(1).get_by_role("link").first.click()
    follow(officer, "Decide")
    officer.get_by_label("Recusal").check()
    officer.locator("#id_reason").fill("Works for the lead of the application.")
    press(officer, "Decide")
    expect(main).to_contain_text("Decided: Recusal.")

    officer.goto(f"{address}{COMPETITION}reviews/{STAGE}/")
    expect(head).to_contain_text("reviews are submitted")
    officer.goto(f"{address}{COMPETITION}ranking/{STAGE}/")
    expect(main).to_contain_text("Interval, 90 per cent")
    main.get_by_role("row").nth(1).get_by_role("link").first.click()
    expect(main).to_contain_text("The mean of what its reviewers gave is")


def test_assignment_that_cannot_be_says_why_and_is_freed(sign_in: SignIn, address: str) -> None:
    officer = sign_in("programme_officer")
    main, head = officer.get_by_role("main"), officer.get_by_role("heading", level=1)
    officer.goto(f"{address}{COMPETITION}assignment/{STAGE}/")
    follow(officer, "Propose an assignment")
    officer.locator("#id_demand").fill("12")
    press(officer, "Compute it")
    expect(head).to_contain_text("No assignment holds all that is asked", timeout=COMPUTED_MS)
    expect(main.get_by_role("heading", name="What cannot all hold")).to_be_visible()
    follow(officer, "Lower the demand to 11")
    expect(officer.locator("#id_demand")).to_have_value("11")
    officer.locator("#id_demand").fill("3")
    press(officer, "Compute it")
    expect(head).to_contain_text("The proposal gives the worst application", timeout=COMPUTED_MS)
    expect(main).to_contain_text("Beside what stands:")
    press(officer, "Lay it aside")
    expect(main).to_contain_text("The proposal is laid aside.")
