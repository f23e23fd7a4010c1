"""The pages beside an agreement's money, as a browser asks for them."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import (
    Agreement,
    Amendment,
    BudgetPeriod,
    CloseoutStep,
    Renewal,
    ReserveDecision,
    Waiver,
)
from lineshaft.apps.funding.rules import AmendmentKind
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import (
    ENDS_ON,
    IN_TERM,
    MILLION,
    NOW,
    STARTS_ON,
    SYSTEM,
    TODAY,
)
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor

pytestmark = [pytest.mark.django_db]

PAGES = (
    "show_rules",
    "show_budget",
    "list_amendments",
    "list_waivers",
    "show_reserve",
    "show_renewal",
    "show_closeout",
)
SECRET = "What the review found in confidence"


@pytest.fixture(autouse=True)
def _today(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signed_in(actor: Actor) -> Client:
    factories.sponsorship()
    factories.sponsorship(agency_key="DOE")
    client = Client()
    client.force_login(factories.granted(actor))
    return client


def energy(actor: str = "sponsor") -> Client:
    return signed_in(factories.sponsor("DOE") if actor == "sponsor" else factories.manager())


def of_energy(number: str = "DE-1") -> Agreement:
    return factories.agreement(number, agency_key="DOE")


def address(verb: str, *args: object) -> str:
    return reverse(f"funding:{verb}", args=args)


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def requested(under: Agreement, rule: str = "L-040") -> Waiver:
    terms = services.WaiverTerms(rule, "equipment", STARTS_ON, ENDS_ON, SECRET, share_bp=3000)
    return services.request_waiver(SYSTEM, under.pk, terms=terms, now=NOW)


def proposed(under: Agreement, title: str = "Robots") -> Amendment:
    terms = services.AmendmentTerms(AmendmentKind.SCOPE, TODAY, SECRET, new_title=title)
    return services.propose_amendment(SYSTEM, under.pk, terms=terms, now=NOW)


def planned(under: Agreement, place: int = 0) -> BudgetPeriod:
    year = 2021 + place
    days = (date(year, 10, 1), date(year + 1, 10, 1))
    lines = (services.PlannedLine("travel", MILLION, MILLION),)
    return services.plan_budget_period(
        SYSTEM, under.pk, plan=services.BudgetPlan(*days, lines), now=NOW
    )


# ------------------------------------------------------------------------------- one page, one verb


def test_budget_is_planned_and_revised_by_its_forms() -> None:
    under = of_energy()
    client = energy()
    sent = {
        "starts_on": "2021-10-01",
        "ends_on": "2022-10-01",
        "federal_travel": "1,000,000",
        "nonfederal_equipment": "250,000.50",
    }
    url = address("plan_budget_period", under.pk)
    assert url in text(client, address("show_budget", under.pk))
    assert client.get(url).context["form"]["starts_on"].value() == STARTS_ON
    assert client.post(url, sent | {"federal_travel": "much"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    period = BudgetPeriod.objects.get()
    lines = [
        (line.category, line.federal_minor, line.nonfederal_minor) for line in period.lines.all()
    ]
    assert lines == [("travel", MILLION, 0), ("equipment", 0, 25_000_050)]
    page = client.get(address("show_budget", under.pk))
    assert page.context["title"] == "$0 of the $1,000,000 planned under DE-1 is obligated"
    revise = address("revise_budget_period", period.pk)
    form = client.get(revise).context["form"]
    assert form["nonfederal_equipment"].value() == "250000.50"
    changed = sent | {"federal_travel": "2,000,000"}
    assert client.post(revise, changed).status_code == 422
    assert client.post(revise, changed | {"reason": "more"}).status_code == 302
    assert period.lines.get(category="travel").federal_minor == 2 * MILLION
    factories.obligation(under, 3 * MILLION)
    page = client.get(address("show_budget", under.pk))
    assert page.context["title"] == "$1,000,000 more is obligated under DE-1 than planned"
    over = sent | {"federal_travel": "200,000,000", "reason": "more"}
    assert client.post(revise, over).status_code == 409


def test_amendment_is_proposed_by_the_manager_and_executed_by_the_agency() -> None:
    under = of_energy()
    manager, agency = energy("manager"), energy()
    sent = {
        "kind": "no_cost_extension",
        "effective_on": TODAY.isoformat(),
        "new_ends_on": "2027-10-01",
        "reason": "late delivery",
    }
    assert manager.post(address("propose_amendment", under.pk), sent).status_code == 302
    amendment = Amendment.objects.get()
    page = agency.get(address("list_amendments", under.pk))
    assert page.context["title"] == "1 amendment of DE-1 waits to be executed"
    execute = address("execute_amendment", amendment.pk)
    assert f'href="{execute}"' in page.content.decode()
    assert manager.get(execute).status_code == 403
    assert agency.post(execute, {}).status_code == 422
    assert agency.post(execute, {"is_confirmed": "on"}).status_code == 302
    under.refresh_from_db()
    assert under.ends_on == date(2027, 10, 1)
    page = agency.get(address("list_amendments", under.pk))
    assert page.context["title"] == "1 amendment of DE-1 is in force"
    assert "Oct 1, 2026" in page.content.decode()


def test_amendment_is_withdrawn_by_its_form() -> None:
    amendment = proposed(of_energy())
    client = energy("manager")
    url = address("withdraw_amendment", amendment.pk)
    assert f'href="{url}"' in text(client, address("list_amendments", amendment.agreement_id))
    assert client.post(url, {"reason": "not now"}).status_code == 302
    amendment.refresh_from_db()
    assert amendment.state == "withdrawn"


@pytest.mark.parametrize(
    ("kind", "given", "change"),
    [
        ("incremental_funding", {"added_federal_minor": "1,000,000"}, "adds $1,000,000"),
        ("scope", {"new_title": "Robots"}, "Robots"),
        ("termination_for_convenience", {}, "Termination for convenience"),
    ],
)
def test_every_kind_of_amendment_has_its_field(
    kind: str, given: dict[str, str], change: str
) -> None:
    under = of_energy()
    client = energy()
    sent = {"kind": kind, "effective_on": TODAY.isoformat(), "reason": "agreed"} | given
    url = address("propose_amendment", under.pk)
    assert client.post(url, sent | {"new_ends_on": "2027-10-01"}).status_code == 409
    assert client.post(url, sent).status_code == 302
    services.execute_amendment(SYSTEM, Amendment.objects.get().pk, today=TODAY, now=NOW)
    assert change in text(client, address("list_amendments", under.pk))


def test_termination_stands_among_the_amendments_once() -> None:
    by_verb, by_amendment, running = of_energy(), of_energy("DE-2"), of_energy("DE-3")
    services.terminate_agreement(
        factories.sponsor("DOE"), by_verb.pk, reason="no effect any more", today=TODAY, now=NOW
    )
    terms = services.AmendmentTerms(AmendmentKind.TERMINATION_FOR_CAUSE, TODAY, "broken terms")
    amendment = services.propose_amendment(SYSTEM, by_amendment.pk, terms=terms, now=NOW)
    services.execute_amendment(SYSTEM, amendment.pk, today=TODAY, now=NOW)
    shown = {
        one.pk: energy().get(address("list_amendments", one.pk))
        for one in (by_verb, by_amendment, running)
    }
    found = shown[by_verb.pk]
    assert found.context["title"] == "DE-1 was terminated on Jun 1, 2022"
    (row,) = found.context["table"].rows
    assert [(cell.text, cell.note) for cell in row.cells] == [
        ("–", ""),
        ("Termination", "2 CFR 200.340"),
        ("", "no effect any more"),
        ("", ""),
        ("Jun 1, 2022", ""),
        ("Executed", ""),
        (factories.sponsor("DOE").label, ""),
        ("", ""),
    ]
    (row,) = shown[by_amendment.pk].context["table"].rows
    assert (row.cells[1].text, row.cells[1].note) == (
        "Termination for cause",
        "2 CFR 200.340(a)(1)",
    )
    assert row.cells[2].note == "broken terms"
    assert shown[running.pk].context["table"].rows == ()
    public = Client().get(address("list_amendments", by_verb.pk)).content.decode()
    assert ("2 CFR 200.340" in public, "no effect any more" in public) == (True, False)


def test_waiver_is_requested_granted_and_revoked_by_its_forms() -> None:
    under = of_energy()
    manager, agency = energy("manager"), energy()
    sent = {
        "rule_id": "L-040",
        "ground": "equipment",
        "share": "30",
        "starts_on": "2021-10-01",
        "ends_on": "2026-10-01",
        "reason": "a large press",
    }
    url = address("request_waiver", under.pk)
    choices = [key for key, _label in manager.get(url).context["form"].fields["rule_id"].choices]
    assert choices == ["L-040", "L-043-R"]
    assert manager.post(url, sent | {"share": "60"}).status_code == 409
    assert manager.post(url, sent).status_code == 302
    waiver = Waiver.objects.get()
    assert (waiver.share_bp, waiver.state) == (3000, "requested")
    grant = address("grant_waiver", waiver.pk)
    page = agency.get(address("list_waivers", under.pk))
    assert page.context["title"] == "A waiver under DE-1 waits for a decision"
    assert f'href="{grant}"' in page.content.decode()
    assert address("deny_waiver", waiver.pk) in text(agency, grant)
    assert manager.get(grant).status_code == 403
    assert agency.post(grant, {"reason": "agreed"}).status_code == 302
    page = agency.get(address("list_waivers", under.pk))
    assert page.context["title"] == "L-040 is waived in part under DE-1 today"
    revoke = address("revoke_waiver", waiver.pk)
    assert f'href="{revoke}"' in page.content.decode()
    assert agency.post(revoke, {"reason": "sold"}).status_code == 302
    waiver.refresh_from_db()
    assert waiver.state == "revoked"


def test_waiver_form_says_that_nothing_can_be_waived() -> None:
    under = factories.agreement()
    html = text(energy("manager"), address("request_waiver", under.pk))
    assert "No rule that can be waived binds this agreement today." in html
    assert address("show_rules", under.pk) in html
    assert 'name="rule_id"' not in html


@pytest.mark.parametrize(
    ("agency", "is_ended", "expected"),
    [
        pytest.param("DOE", False, "", id="a rule binds"),
        pytest.param("DOD", False, "No rule that can be waived binds", id="no rule binds"),
        pytest.param("DOE", True, "The agreement is closed.", id="ended"),
    ],
)
def test_waiver_is_offered_where_one_can_be_requested(
    agency: str, is_ended: bool, expected: str
) -> None:
    under = of_energy() if agency == "DOE" else factories.agreement()
    if is_ended:
        services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    url = address("request_waiver", under.pk)
    page = text(energy("manager"), address("list_waivers", under.pk))
    assert (f'href="{url}"' in page, expected in page) == (not expected, True)
    assert ('name="rule_id"' in text(energy("manager"), url)) is (not expected)
    assert url not in text(Client(), address("list_waivers", under.pk))
    if is_ended:
        with pytest.raises(Refused) as refused:
            requested(under)
        assert refused.value.code == "waiver_after_close"


def test_waiver_is_denied_by_its_form() -> None:
    waiver = requested(of_energy())
    client = energy()
    assert client.post(address("deny_waiver", waiver.pk), {"reason": "no"}).status_code == 302
    page = client.get(address("list_waivers", waiver.agreement_id))
    assert page.context["title"] == "No rule is waived under DE-1"


def test_reserve_is_held_back_and_released_by_its_forms() -> None:
    under = of_energy()
    factories.authorised(under, 10 * MILLION)
    client = energy()
    moved = {"id": str(new_id()), "amount_minor": "4,000,000", "occurred_on": IN_TERM.isoformat()}
    assert client.post(address("withhold_reserve", under.pk), moved).status_code == 302
    page = client.get(address("show_reserve", under.pk))
    assert page.context["title"] == "$4,000,000 is held back for performance under DE-1"
    assessed = {
        "assessed_from": "2021-10-01",
        "assessed_before": "2022-03-01",
        "rating": "meets",
        "assessment": "All standards met",
    }
    release = address("release_reserve", under.pk)
    sent = moved | {"id": str(new_id())} | assessed
    assert client.post(release, sent | {"rating": "below"}).status_code == 409
    assert client.post(release, sent).status_code == 302
    assert ReserveDecision.objects.get().rating == "meets"
    page = client.get(address("show_reserve", under.pk))
    assert page.context["title"] == "Nothing is held back under DE-1"
    assert "All standards met" in page.content.decode()


def test_renewal_goes_its_way_by_its_forms() -> None:
    under = of_energy()
    client = energy()
    page = client.get(address("show_renewal", under.pk))
    assert page.context["title"] == "DE-1 is not under review for renewal"
    opened = {"on": IN_TERM.isoformat()}
    assert client.post(address("open_renewal_review", under.pk), opened).status_code == 302
    renewal = Renewal.objects.get()
    notify = address("notify_deficiencies", renewal.pk)
    assert client.post(notify, opened).status_code == 422
    assert client.post(notify, opened | {"deficiencies": "No members"}).status_code == 302
    page = client.get(address("show_renewal", under.pk))
    assert page.context["title"] == "DE-1 has deficiencies to remedy by Mar 1, 2023"
    early = {"on": TODAY.isoformat(), "progress": "None", "is_confirmed": "on"}
    assert client.post(address("find_ineligible", renewal.pk), early).status_code == 409
    grant = address("grant_renewal", renewal.pk)
    assert f'href="{grant}"' in page.content.decode()
    assert client.get(grant).context["form"]["starts_on"].value() == ENDS_ON
    sent = {
        "on": TODAY.isoformat(),
        "progress": "Remedied",
        "number": "DE-2",
        "agency": "DOE",
        "signed_on": TODAY.isoformat(),
        "starts_on": ENDS_ON.isoformat(),
        "ends_on": "2032-10-01",
        "federal_total_minor": "20,000,000",
    }
    assert client.post(grant, sent).status_code == 409
    assert client.post(grant, sent | {"ends_on": "2031-10-01"}).status_code == 302
    page = client.get(address("show_renewal", under.pk))
    assert page.context["title"] == "DE-1 is renewed"
    assert "DE-2" in page.content.decode()
    assert "DE-2" not in text(Client(), address("show_renewal", under.pk))


def test_not_remedied_is_found_ineligible_by_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    under = of_energy()
    renewal = services.open_renewal_review(SYSTEM, under.pk, on=IN_TERM, today=TODAY, now=NOW)
    services.notify_deficiencies(
        SYSTEM, renewal.pk, deficiencies="No members", on=IN_TERM, today=TODAY, now=NOW
    )
    monkeypatch.setattr(clock, "today", lambda: date(2023, 3, 1))
    sent = {"on": "2023-03-01", "progress": "None", "is_confirmed": "on"}
    client = energy()
    assert client.post(address("find_ineligible", renewal.pk), sent).status_code == 302
    page = client.get(address("show_renewal", under.pk))
    assert page.context["title"] == "DE-1 is not eligible for renewal"


def test_closeout_is_completed_and_opened_again_by_its_forms() -> None:
    under = of_energy()
    finance = signed_in(factories.finance())
    page = finance.get(address("show_closeout", under.pk))
    assert page.context["title"] == "The close-out of DE-1 is due by Jan 28, 2027"
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    args = (under.pk, "property_report")
    complete, reopen = (
        address(verb, *args) for verb in ("complete_closeout_item", "reopen_closeout_item")
    )
    assert f'href="{complete}"' in text(finance, address("show_closeout", under.pk))
    sent = {"done_on": TODAY.isoformat(), "record": "letter 7"}
    assert finance.post(complete, sent | {"done_on": "2022-05-01"}).status_code == 409
    assert finance.post(complete, sent).status_code == 302
    page = finance.get(address("show_closeout", under.pk))
    assert page.context["title"] == "1 of 7 items to close DE-1 out are done"
    assert "letter 7" in page.content.decode()
    assert "letter 7" not in text(Client(), address("show_closeout", under.pk))
    assert finance.get(reopen).status_code == 403
    agency = energy()
    assert f'href="{reopen}"' in text(agency, address("show_closeout", under.pk))
    assert agency.post(reopen, {"reason": "a press"}).status_code == 302
    assert CloseoutStep.objects.filter(reopened_at__isnull=True).count() == 0
    unknown = address("complete_closeout_item", under.pk, "party")
    assert agency.get(unknown).status_code == 404


def test_late_and_finished_closeouts_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    under = of_energy()
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    monkeypatch.setattr(clock, "today", lambda: date(2022, 10, 1))
    page = Client().get(address("show_closeout", under.pk))
    assert page.context["title"] == "7 of 7 items to close DE-1 out are late"
    for row in page.context["table"].rows:
        assert row.cells[2].text == "Late"
    for key in (
        "final_financial_report",
        "final_performance_report",
        "invention_report",
        "property_report",
        "obligations_liquidated",
        "unspent_returned",
        "cost_share_settled",
    ):
        services.complete_closeout_item(
            SYSTEM, under.pk, item=key, done_on=TODAY, record="x", today=TODAY, now=NOW
        )
    page = Client().get(address("show_closeout", under.pk))
    assert page.context["title"] == "DE-1 is closed out"


# ------------------------------------------------------------------------------------------- rules


def test_rules_page_says_which_rule_the_agreement_falls_short_of() -> None:
    under = of_energy()
    factories.obligation(under, 10 * MILLION)
    factories.contribution(under, amount_minor=4 * MILLION, is_accepted=True)
    page = Client().get(address("show_rules", under.pk))
    assert page.context["title"] == "DE-1 falls short of L-040"
    found = page.content.decode()
    assert "15 U.S.C. 278s(e)(7)(A)" in found
    assert "$6,000,000 more would meet it" in found
    waiver = requested(under)
    services.grant_waiver(SYSTEM, waiver.pk, reason="yes", now=NOW)
    page = Client().get(address("show_rules", under.pk))
    assert page.context["title"] == "DE-1 falls short of L-040"
    assert "by waiver: 30%" in page.content.decode()
    factories.contribution(under, amount_minor=MILLION, name="two", is_accepted=True)
    page = Client().get(address("show_rules", under.pk))
    assert page.context["title"] == "DE-1 breaks no rule; 2 bind it by law"


def test_rules_page_of_defense_says_that_no_law_binds() -> None:
    under = factories.agreement()
    page = Client().get(address("show_rules", under.pk))
    assert page.context["title"] == "No rule binds W911-1 by law"


def test_imagined_share_rereads_the_network_and_stores_nothing() -> None:
    for number, accepted in (("DE-1", 10), ("DE-2", 15)):
        under = factories.agreement(number, agency_key="DOE")
        factories.obligation(under, 10 * MILLION)
        factories.contribution(
            under, amount_minor=accepted * MILLION, evidence=(number,), is_accepted=True
        )
    url = address("imagine_rule")
    client = Client()
    assert client.get(url).context["title"] == "What if a rule were different?"
    page = client.get(url, {"rule": "matching:L-040", "share": "60"})
    assert page.context["title"] == (
        "With another figure in L-040, 1 of 2 agreements would fall short; 0 do today"
    )
    assert [row.cells[5].text for row in page.context["table"].rows] == ["$5,000,000", ""]
    term = client.get(url, {"rule": "term:L-021", "least": "6"})
    assert term.context["title"].endswith("1 of 1 agreements would fall short; 0 do today")
    band = client.get(url, {"rule": "band:N-01", "least": "60", "most": "80"})
    assert band.context["title"].endswith("0 of 1 agreements would fall short; 0 do today")
    falling = client.get(url, {"rule": "falling:N-02", "least": "1", "most": "2"})
    assert falling.status_code == 200
    wrong = client.get(url, {"rule": "term:L-021", "least": "6", "most": "5"})
    assert list(wrong.context["form"].errors) == ["most"]
    assert client.get(address("show_rules", under.pk)).context["title"].startswith("DE-2 breaks no")


# ---------------------------------------------------------------------------- who sees and may what


def test_public_reads_every_page_and_is_offered_no_verb() -> None:
    under = of_energy()
    for page in PAGES:
        found = Client().get(address(page, under.pk))
        assert found.status_code == 200
        offered = [action.url for action in found.context.get("actions", ())]
        assert offered == ([address("imagine_rule")] if page == "show_rules" else [])


def test_what_is_only_asked_for_and_every_reason_stay_with_the_overseers() -> None:
    under = of_energy()
    requested(under)
    executed = proposed(under)
    services.execute_amendment(SYSTEM, executed.pk, today=TODAY, now=NOW)
    asked = proposed(under, "Ships")
    renewal = services.open_renewal_review(SYSTEM, under.pk, on=IN_TERM, today=TODAY, now=NOW)
    services.notify_deficiencies(
        SYSTEM, renewal.pk, deficiencies=SECRET, on=IN_TERM, today=TODAY, now=NOW
    )
    outsider = signed_in(factories.finance("iacmi"))
    for client in (Client(), outsider):
        pages = [text(client, address(page, under.pk)) for page in PAGES]
        assert not any(SECRET in page or "Ships" in page for page in pages)
        assert "Robots" in pages[2]
        assert "Requested" not in pages[3]
    for client in (energy("manager"), energy(), signed_in(factories.officer())):
        pages = [text(client, address(page, under.pk)) for page in PAGES]
        assert [SECRET in page for page in pages] == [False, False, True, True, False, True, False]
    assert outsider.get(address("withdraw_amendment", asked.pk)).status_code == 404
    assert outsider.get(address("grant_renewal", renewal.pk)).status_code == 403
    assert outsider.get(address("deny_waiver", Waiver.objects.get().pk)).status_code == 404


def test_pages_of_a_draft_are_not_there_for_the_public() -> None:
    draft = factories.agreement(is_active=False)
    for page in PAGES:
        assert Client().get(address(page, draft.pk)).status_code == 404
    period = planned(draft)
    assert Client().get(address("revise_budget_period", period.pk)).status_code == 404


# ----------------------------------------------------------------------------------- queries, words
