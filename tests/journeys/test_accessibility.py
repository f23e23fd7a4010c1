from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from lineshaft.demonstration.personas import OWN_AGENCY, OWN_INSTITUTE
from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_THE_LOOK = {
    "type": "rule",
    "values": ["color-contrast", "target-size", "scrollable-region-focusable"],
}
"""What the same page can keep in one look and break in another; the rest is its structure's."""
PUBLIC = (
    "/",
    "/institutes/",
    "/institutes/america-makes/",
    f"/institutes/{OWN_INSTITUTE}/members/",
    f"/institutes/{OWN_INSTITUTE}/funding/",
    f"/institutes/{OWN_INSTITUTE}/figures/",
    "/organisations/",
    "/organisations/1/",
    "/reports/",
    "/reports/2021/",
    "/reports/2021/figures/funding.match_ratio/",
    "/reports/2021/figures/memberships.members/records/",
    "/search/?q=alloy",
    "/find-help/",
    "/opportunities/",
    "/opportunities/demo-2026-02/",
    "/opportunities/demo-2026-02/questions/",
    "/topics/1/",
    "/about/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/key/1-nothing/",
    "/nowhere/",
)
SIGNED_IN = (
    ("programme_officer", "/desk/"),
    ("programme_officer", "/topics/"),
    ("programme_officer", "/topics/propose/"),
    ("programme_officer", "/competitions/"),
    ("programme_officer", "/competitions/draft/"),
    ("programme_officer", "/opportunities/demo-2026-03/"),
    ("programme_officer", "/competitions/demo-2026-03/edit/"),
    ("programme_officer", "/competitions/demo-2026-03/stages/2/edit/"),
    ("programme_officer", "/competitions/demo-2026-03/stages/2/criteria/"),
    ("programme_officer", "/competitions/demo-2026-02/panel/"),
    ("programme_officer", "/competitions/demo-2026-02/panel/2/"),
    ("programme_officer", "/competitions/demo-2026-02/panel/2/candidates/"),
    ("programme_officer", "/reviewers/"),
    ("programme_officer", "/reviewers/add/"),
    ("reviewer", "/reviews/invitations/"),
    ("member_company", "/opportunities/searches/"),
    ("programme_officer", "/audit/"),
    ("programme_officer", "/imports/"),
    ("programme_officer", "/imports/new/organisations/"),
    ("programme_officer", "/jobs/"),
    ("programme_officer", "/outbox/"),
    ("programme_officer", "/access/users/"),
    ("programme_officer", "/reports/2022/publish/"),
    ("programme_officer", "/organisations/register/"),
    ("programme_officer", "/award-overlaps/?state=any"),
    ("programme_officer", "/award-overlaps/1/"),
    ("programme_officer", "/outside-awards/check/?award=1"),
    ("programme_officer", "/organisations/look-alikes/"),
    ("programme_officer", "/organisations/look-alikes/10/?queue=on"),
    ("programme_officer", "/outlooks/"),
    ("programme_officer", "/portfolio/"),
    ("programme_officer", "/portfolio/records/"),
    ("programme_officer", "/funding/match-tests/"),
    ("institute_manager", f"/institutes/{OWN_INSTITUTE}/outlook/?reserve=5000000"),
    ("institute_finance", f"/institutes/{OWN_INSTITUTE}/contributions/record/"),
    ("institute_finance", f"/institutes/{OWN_INSTITUTE}/contributions/"),
    ("institute_finance", f"/institutes/{OWN_INSTITUTE}/books/close/"),
    ("institute_finance", f"/institutes/{OWN_INSTITUTE}/reconciliation/"),
    ("institute_finance", "/agreements/14/financial-report/"),
    ("institute_manager", "/agreements/14/waivers/request/"),
    ("institute_manager", f"/reports/2022/institutes/{OWN_INSTITUTE}/"),
    ("institute_manager", f"/institutes/{OWN_INSTITUTE}/members/admit/"),
    ("institute_manager", "/access/tokens/create/"),
    ("institute_manager", "/accounts/2fa/"),
    ("institute_manager", "/accounts/sessions/"),
    ("institute_manager", "/accounts/password/change/"),
    ("institute_manager", "/accounts/email/"),
    ("institute_manager", "/accounts/logout/"),
    ("agency_sponsor", "/agreements/14/"),
    ("agency_sponsor", "/agreements/14/obligate/"),
    ("agency_sponsor", "/agreements/14/match/"),
    ("agency_sponsor", "/transfers/proposals/"),
    ("agency_sponsor", f"/agencies/{OWN_AGENCY}/payments/"),
    ("learner", "/desk/"),
    ("learner", "/audit/"),
    ("learner", "/accounts/2fa/totp/activate/"),
)


def faults(page: Page, rules: object = ALL) -> list[str]:
    """What axe finds, one line each, and whether the page overflows; nothing on a good page."""
    # Of what is good, axe needs to tell no more than one example.
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    lines = [
        f"{one['id']}: {node['html'][:160]} -- {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"]
    ]
    return [*lines, *(["wider than the window"] if overflow_px(page) else [])]


def overflow_px(page: Page) -> int:
    """By how much the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(0, wider)


@pytest.mark.parametrize("part", range(2))
def test_public_pages_have_no_accessibility_fault(
    browser: Browser, address: str, part: int
) -> None:
    context = browser.new_context(reduced_motion="reduce")  # no colour on its way to another
    page = context.new_page()
    found = {}
    for path in PUBLIC[part::2]:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="light")
        page.goto(address + path)
        found[path] = faults(page)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 360, "height": 800})
        found[f"{path} on a phone in the dark"] = faults(page, OF_THE_LOOK)
    context.close()
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_pages_of_a_long_list_fit_a_phone(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/organisations/?page=2")
    pages = page.locator(".pagination a:not([rel])")
    assert pages.count() > 2
    pages.evaluate_all("links => links.forEach((link) => { link.textContent = '12,345' })")
    wider_px = overflow_px(page)
    context.close()
    assert wider_px == 0


@pytest.mark.parametrize(
    "persona",
    [
        pytest.param(one, marks=[] if one == "programme_officer" else [pytest.mark.slow])
        for one in dict.fromkeys(persona for persona, _path in SIGNED_IN)
    ],
)
@pytest.mark.parametrize(
    "look",
    [
        (1280, "light", "en", ALL),
        pytest.param((360, "dark", "zh-hans", OF_THE_LOOK), marks=pytest.mark.slow),
    ],
    ids=["wide", "narrow"],
)
def test_signed_in_pages_have_no_accessibility_fault(
    sign_in: SignIn,
    address: str,
    look: tuple[int, Literal["light", "dark"], str, object],
    persona: str,
) -> None:
    width, scheme, language, rules = look
    page = sign_in(persona)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    found = {}
    for path in (path for who, path in SIGNED_IN if who == persona):
        page.goto(address + path)
        assert page.locator("html").get_attribute("lang") == language.replace("hans", "Hans")
        found[path] = faults(page, rules)
    assert {path: lines for path, lines in found.items() if lines} == {}
