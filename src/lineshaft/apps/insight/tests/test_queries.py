import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.funding.tests.factories import finance, manager, officer, sponsor
from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.tests.factories import (
    NOW,
    SYSTEM,
    VALUES,
    YEAR,
    attest_all,
    make_draft,
    make_published,
    make_snapshot,
)
from lineshaft.engines.analytics.transpile import to_spark
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor

pytestmark = pytest.mark.django_db


def test_library_says_everything_in_both_languages_and_goes_over_to_spark() -> None:
    library = queries.figure_library()
    assert [figure.id for figure in library.figures] == [
        "network.institutes_by_status",
        "memberships.members",
        "memberships.memberships",
        "memberships.members_by_kind",
        "memberships.sme_share",
        "memberships.states_covered",
        "funding.federal_obligated",
        "funding.federal_drawn",
        "funding.cost_share_cash",
        "funding.cost_share_in_kind",
        "funding.cost_share_total",
        "funding.match_ratio",
        "funding.federal_undrawn",
        "funding.award_days_left",
        "memberships.dues_at_list",
        "funding.own_income",
    ]
    assert queries.planning_figures() == tuple(one.id for one in library.figures[12:])
    for figure in library.figures:
        assert figure.records
        assert figure.authority_url.startswith("https://")
        assert to_spark(figure.sql)
    for step in library.steps:
        assert to_spark(step.sql)


def test_key_figures_are_those_of_the_newest_published_year_with_their_trend() -> None:
    assert queries.key_figures(Actor.public()) == ()
    later = {("memberships.members", "", YEAR + 1, ""): (99, None)}
    make_published({**VALUES, **later})
    with CaptureQueriesContext(connection) as asked:
        found = {one.definition.id: one for one in queries.key_figures(Actor.public())}
    assert len(asked) == 3
    members = found["memberships.members"]
    assert members.fiscal_year == YEAR
    assert [one.numerator for one in members.trend] == [2, 3]
    assert str(found["funding.match_ratio"].total.value) == "1.60"


def test_latest_fiscal_year_counts_drafts_for_the_network_staff_alone() -> None:
    make_draft()
    assert queries.latest_fiscal_year(Actor.public()) is None
    assert queries.latest_fiscal_year(officer()) == YEAR


def test_draft_is_found_by_the_network_staff_alone() -> None:
    make_draft()
    assert queries.edition_to_read(officer(), YEAR).is_draft
    for actor in (Actor.public(), manager(), sponsor()):
        with pytest.raises(NotFound):
            queries.edition_to_read(actor, YEAR)


def test_part_is_read_by_the_own_staff_the_sponsor_and_the_network_staff() -> None:
    make_draft()
    for actor in (manager(), finance(), sponsor(), officer()):
        assert queries.part_to_read(actor, YEAR, "america-makes").part.institute == "america-makes"
    for actor in (manager("lift"), Actor.public()):
        with pytest.raises(NotFound):
            queries.part_to_read(actor, YEAR, "america-makes")


def test_attestations_wait_for_the_own_manager_until_they_are_given() -> None:
    edition = make_draft()
    (waiting,) = queries.attestations_waiting_for(manager())
    assert (waiting.institute.name, waiting.part.edition.fiscal_year) == ("America Makes", YEAR)
    assert queries.attestations_waiting_for(finance()) == ()
    attest_all(edition)
    assert queries.attestations_waiting_for(manager()) == ()
    changed = {**VALUES, ("memberships.members", "america-makes", YEAR, ""): (77, None)}
    edition.snapshot = make_snapshot(changed)
    edition.save(update_fields=["snapshot"])
    (again,) = queries.attestations_waiting_for(manager())
    assert again.is_stale


def test_digest_does_not_tell_a_missing_value_from_nothing() -> None:
    with_nothing = {**VALUES, ("funding.federal_drawn", "lift", YEAR, ""): (0, None)}
    bare, filled = make_snapshot(), make_snapshot(with_nothing)
    assert queries.figures_digest(bare, YEAR, "lift") == queries.figures_digest(
        filled, YEAR, "lift"
    )


def test_part_of_a_restated_report_is_compared_with_what_was_published() -> None:
    published = make_published()
    services.restate_report(SYSTEM, YEAR, reason="A slip", now=NOW)
    standing = queries.part_to_read(SYSTEM, YEAR, "lift")
    assert queries.compared_with(standing.part) == (published.snapshot, "published")


def test_published_values_of_a_year_are_those_of_that_year_alone() -> None:
    services.load_published_values(SYSTEM, now=NOW)
    found = queries.published_in(YEAR)
    assert [one.value for one in found["fed_base_musd"]] == ["109"]
    assert "fed_total_since_start_musd" not in found
