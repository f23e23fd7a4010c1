"""What each reader sees, with data that could leak; what a figure counts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import Transfer
from lineshaft.apps.funding.rules import MatchStanding
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import JurisdictionProfile
from lineshaft.plumbing.actor import Actor, DelegatedPower
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def counted(records: Iterable[Any]) -> int:
    return sum(record.counted_minor for record in records)


def actor_named(who: str) -> Actor:
    actors = {
        "public": Actor.public(),
        "officer": factories.officer(),
        "finance": factories.finance(),
        "other finance": factories.finance("iacmi"),
        "sponsor": factories.sponsor(),
        "other sponsor": factories.sponsor("DOE", overseen="iacmi"),
        "member": factories.member("america-makes"),
        "other member": factories.member("iacmi"),
        "contributor": factories.member("america-makes", factories.organisation()),
    }
    return actors[who]


@pytest.mark.parametrize(
    ("who", "agreements", "transfers", "contributions"),
    [
        ("public", 1, 3, 0),
        ("other member", 1, 3, 0),
        ("other finance", 1, 3, 0),
        ("other sponsor", 1, 3, 0),
        ("member", 1, 3, 0),
        ("contributor", 1, 5, 1),
        ("finance", 2, 6, 2),
        ("sponsor", 2, 6, 2),
        ("officer", 2, 6, 2),
    ],
)
def test_reader_sees_agreements_and_money_but_contributors_only_where_entitled(
    who: str, agreements: int, transfers: int, contributions: int
) -> None:
    agreement = factories.agreement()
    factories.agreement("DRAFT", is_active=False)
    factories.drawdown(factories.obligation(agreement), MILLION)
    factories.contribution(agreement, is_accepted=True)
    other = factories.organisation("Quiet Partner")
    factories.contribution(agreement, other, name="two", kind="space")
    actor = actor_named(who)
    assert queries.agreements_visible_to(actor).count() == agreements
    assert queries.transfers_visible_to(actor).count() == transfers
    assert queries.contributions_visible_to(actor).count() == contributions


def test_public_sees_no_contributors_account_and_the_contributor_its_own() -> None:
    agreement = factories.agreement()
    factories.contribution(agreement)
    factories.contribution(agreement, factories.organisation("Quiet Partner"), name="two")
    seen = [
        queries.accounts_visible_to(actor_named(who)).filter(organisation__isnull=False).count()
        for who in ("public", "contributor", "finance", "officer")
    ]
    assert seen == [0, 1, 2, 2]


def test_what_may_not_be_seen_is_not_found() -> None:
    contribution = factories.contribution(factories.agreement())
    draft = factories.agreement("DRAFT", is_active=False)
    public = Actor.public()
    with pytest.raises(NotFound):
        queries.contribution_by_id(public, contribution.pk)
    with pytest.raises(NotFound):
        queries.transfer_by_id(public, contribution.pk)
    with pytest.raises(NotFound):
        queries.agreement_by_id(public, draft.pk)


def test_counted_records_sum_to_the_position(profile: JurisdictionProfile) -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement, 10 * MILLION)
    drawn = factories.drawdown(obligation, 6 * MILLION)
    services.release_obligation(
        SYSTEM,
        obligation,
        id=factories.transfer_id("release"),
        amount_minor=MILLION,
        occurred_on=IN_TERM,
        reason="Less",
        now=NOW,
    )
    services.return_funds(
        SYSTEM,
        agreement,
        id=factories.transfer_id("return"),
        amount_minor=MILLION,
        currency="USD",
        occurred_on=IN_TERM,
        now=NOW,
    )
    services.correct_transfer(
        SYSTEM,
        Transfer.objects.get(pk=drawn.pk),
        id=factories.transfer_id("correct"),
        amount_minor=MILLION,
        occurred_on=IN_TERM,
        reason="Wrong",
        now=NOW,
    )
    factories.contribution(agreement, amount_minor=3 * MILLION, is_accepted=True)
    factories.contribution(
        agreement, name="two", kind="space", amount_minor=4 * MILLION, is_accepted=True
    )
    factories.contribution(agreement, name="open")
    officer, period = factories.officer(), profile.fiscal_year(2022)
    obligations = queries.obligations_counted(officer, period, "america-makes")
    drawdowns = queries.drawdowns_counted(officer, period, "america-makes")
    position = queries.match_position("america-makes", period, today=TODAY)
    assert counted(obligations) == 7 * MILLION
    assert counted(drawdowns) == 4 * MILLION
    assert (position.obligated_minor, position.drawn_minor) == (7 * MILLION, 4 * MILLION)
    assert (position.cash_minor, position.in_kind_minor) == (3 * MILLION, 4 * MILLION)
    assert (str(position.ratio), position.share_bp) == ("1.00", 5000)
    assert position.standing == MatchStanding.PASSES
    assert queries.match_overview("america-makes", today=TODAY)[1] == (position,)
    assert len(obligations) == queries.count_obligations(period, "america-makes") == 4
    assert len(drawdowns) == queries.count_drawdowns(period, "america-makes") == 3
    balance = factories.balances(agreement)
    assert position.drawn_minor == balance["drawn"][0]
    assert position.obligated_minor == balance["drawn"][0] + balance["drawn"][1]


def test_records_withheld_from_the_public_are_counted(profile: JurisdictionProfile) -> None:
    agreement = factories.agreement()
    factories.contribution(agreement, is_accepted=True)
    factories.contribution(agreement, name="two", kind="space", is_accepted=True)
    period = profile.fiscal_year(2022)
    public = Actor.public()
    assert queries.contributions_counted(public, period).count() == 0
    assert queries.count_contributions(period) == 2
    assert queries.count_contributions(period, "america-makes", is_cash=True) == 1
    assert queries.contributions_counted(factories.finance(), period, is_cash=False).count() == 1
    assert queries.count_contributions(profile.fiscal_year(2021)) == 0
    assert queries.count_contributions(period, "iacmi") == 0


def test_position_below_the_rule_says_what_is_missing() -> None:
    agreement = factories.agreement(agency_key="DOE")
    factories.obligation(agreement, 10 * MILLION)
    factories.contribution(agreement, amount_minor=4 * MILLION, is_accepted=True)
    position = queries.match_position("america-makes", today=TODAY)
    assert position.rule is not None
    assert (position.rule.id, position.standing) == ("L-040", MatchStanding.BELOW)
    assert position.missing_minor == 6 * MILLION


def test_position_of_an_institute_without_agreement_has_no_rule() -> None:
    factories.institute("quiet")
    position = queries.match_position("quiet", today=TODAY)
    assert (position.rule, position.ratio, position.missing_minor) == (None, None, 0)
    assert position.standing == MatchStanding.NO_MONEY
    assert queries.match_overview("quiet", today=TODAY)[1] == ()


def test_positions_by_year_split_on_the_fiscal_year() -> None:
    agreement = factories.agreement()
    factories.obligation(agreement, 5, name="old", occurred_on=date(2022, 9, 30))
    factories.obligation(agreement, 7, name="new", occurred_on=date(2022, 10, 1))
    found = queries.match_overview("america-makes", today=TODAY)[1]
    years = [(one.period.year if one.period else 0, one.obligated_minor) for one in found]
    assert years == [(2022, 5), (2023, 7)]


def test_agreements_of_an_institute_carry_what_is_drawn_and_left() -> None:
    agreement = factories.agreement()
    factories.drawdown(factories.obligation(agreement, 10), 4)
    factories.contribution(agreement)
    found: list[Any] = list(queries.agreements_of(Actor.public(), "america-makes"))
    assert [(one.drawn_balance_minor, one.to_draw_minor) for one in found] == [(4, 6)]
    (left,) = queries.open_obligations(agreement)
    assert left.hold.remaining_minor == 6


@pytest.mark.parametrize(
    ("who", "names"),
    [
        pytest.param("finance", {"small"}, id="above the threshold a second person decides"),
        pytest.param("manager", {"small", "large", "own"}, id="the second person"),
        pytest.param("manager who records", {"small", "large"}, id="not one's own"),
        pytest.param("sponsor", {"small", "large", "own"}, id="the agency"),
        pytest.param("other finance", set(), id="of another institute"),
        pytest.param("other sponsor", set(), id="of another agency"),
        pytest.param("officer", set(), id="who reads and does not accept"),
        pytest.param("contributor", set(), id="who brought it"),
        pytest.param("public", set(), id="the public"),
    ],
)
def test_contributions_to_decide_are_those_that_the_reader_may_accept(
    who: str, names: set[str]
) -> None:
    agreement = factories.agreement()
    finance, manager = factories.finance(), factories.manager()
    both = replace(finance, user_id=manager.user_id, grants=finance.grants | manager.grants)
    large_minor = profile_in_use().second_person_threshold_minor + 1
    stored = {
        name: factories.contribution(agreement, actor=actor, name=name, amount_minor=amount_minor)
        for name, actor, amount_minor in (
            ("small", finance, large_minor - 1),
            ("large", SYSTEM, large_minor),
            ("own", both, large_minor),
            ("decided", SYSTEM, 1),
        )
    }
    services.refuse_contribution(SYSTEM, stored["decided"].pk, reason="No", today=TODAY, now=NOW)
    actors = {
        "manager": factories.staff(
            Role.INSTITUTE_MANAGER,
            ScopeKind.INSTITUTE,
            "america-makes",
            email="second.manager@example.org",
        ),
        "manager who records": both,
    }
    found = queries.contributions_to_decide(actors.get(who) or actor_named(who))
    assert {one.pk for one in found} == {stored[name].pk for name in names}


@pytest.mark.parametrize(
    ("power", "names"),
    [
        ({}, {"small", "middle"}),
        ({"institute": "lift"}, set()),
        ({"up_to_minor": 100, "currency": "USD"}, {"small"}),
        ({"agency": "DOD"}, {"small", "middle"}),
        ({"agency": "DOE"}, set()),
        ({"body": "board"}, set()),
        ({"verb": "refuse_contribution"}, set()),
        ({"verb": "accept_large_contribution"}, set()),
        ({"institute": ""}, {"small", "middle"}),
    ],
)
def test_contributions_to_decide_are_those_on_which_permit_lets_a_delegate(
    power: dict[str, Any], names: set[str]
) -> None:
    agreement = factories.agreement()
    threshold = profile_in_use().second_person_threshold_minor
    stored = {
        name: factories.contribution(agreement, name=name, amount_minor=amount_minor)
        for name, amount_minor in (("small", 100), ("middle", 101), ("large", threshold + 1))
    }
    given = {"verb": "accept_contribution", "institute": "america-makes"} | power
    power_held = DelegatedPower(8, **given)
    delegate = replace(factories.officer(), delegations=frozenset({power_held}))
    found = {one.pk for one in queries.contributions_to_decide(delegate)}
    assert found == {stored[name].pk for name in names}
    allowed = {
        one.pk
        for name, one in stored.items()
        if name != "large"
        and may(
            delegate,
            rules.PERMISSIONS["accept_contribution"],
            institute="america-makes",
            agency=agreement.agency.key,
            amount_minor=one.claimed_minor,
        )
    }
    assert found == allowed


def test_draft_is_for_its_own_agency_and_not_for_another_sponsor_of_the_institute() -> None:
    draft = factories.agreement("DE-1", agency_key="DOE", is_active=False)
    beside, own = factories.sponsor("DOD"), factories.sponsor("DOE")
    assert list(queries.agreements_visible_to(beside)) == []
    assert list(queries.agreements_visible_to(own)) == [draft]
    assert list(queries.agreements_visible_to(factories.finance())) == [draft]
    with pytest.raises(NotFound):
        queries.agreement_by_id(beside, draft.pk)
