"""Records of one organisation: merged and un-merged, and a pair in doubt reviewed and split."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

QUEUE = "/organisations/look-alikes/"


def main(page: Page) -> str:
    return page.get_by_role("main").inner_text()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_two_spellings_of_a_company_are_merged_and_unmerged(sign_in: SignIn, address: str) -> None:
    officer = sign_in("programme_officer")
    officer.locator(".work li", has_text="to decide").get_by_role(
        "link", name="Open", exact=True
    ).and_(officer.locator("a[href*='look-alikes']")).click()
    officer.locator("tbody a").first.click()
    pair = officer.url.partition("?")[0]
    stays = re.search(r"Record that stays\s+(.+)", main(officer))
    assert stays is not None
    survivor = stays[1].strip()
    both = re.match(r"(.+) and (.+) Merge proposed", heading(officer), re.DOTALL)
    assert both is not None
    merged = next(name for name in both.groups() if name != survivor)

    press(officer, "Merge")
    expect(officer.get_by_role("main")).to_contain_text("are one organisation now")

    def named() -> list[str]:
        officer.goto(f"{address}/organisations/?q={merged}")
        return officer.locator("tbody th a").all_inner_texts()

    assert merged not in named()
    officer.goto(pair)
    assert "Merged" in heading(officer)
    officer.get_by_role("main").get_by_role("link", name="Undo the merge").click()
    officer.get_by_label("Reason").fill("Two firms of two sisters.")
    press(officer, "Undo the merge")
    expect(officer.get_by_role("main")).to_contain_text("both records stand for themselves again")
    assert merged in named()


def test_a_pair_in_doubt_is_reviewed_and_split(sign_in: SignIn, address: str) -> None:
    officer = sign_in("programme_officer")
    officer.goto(f"{address}{QUEUE}")
    press(officer, "Look again")
    expect(officer.get_by_role("main")).to_contain_text("Done", timeout=120_000)
    officer.goto(f"{address}{QUEUE}")
    officer.get_by_role("main").get_by_role("link", name="Review the first").click()
    first = officer.url
    expect(officer.locator("figure.chart svg:visible")).to_have_count(1)
    expect(officer.get_by_role("main")).to_contain_text("The weights add up to")

    officer.locator("#split_why").fill("Two firms of two brothers.")
    press(officer, "Keep apart")

    expect(officer.get_by_role("main")).to_contain_text("Decided last")
    assert officer.url.partition("?")[0] != first.partition("?")[0]
    officer.locator("p.aside a").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("Kept apart")
    expect(officer.get_by_role("main")).to_contain_text("Two firms of two brothers.")
