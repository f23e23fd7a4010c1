import sys
from datetime import date, timedelta
from typing import Any

import pytest

from lineshaft.apps.funding.queries import match_position
from lineshaft.apps.funding.services import OwnIncomeRow, record_own_income
from lineshaft.apps.funding.tests import factories as funding
from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.models import FigureValue, Snapshot
from lineshaft.apps.insight.services.snapshots import (
    folder_of,
    postgresql_address,
    snapshots_folder,
)
from lineshaft.apps.insight.tasks import run_take_snapshot
from lineshaft.apps.insight.tests.factories import (
    MILLION,
    NOW,
    SYSTEM,
    YEAR,
    make_books,
    make_institutes,
    make_membership,
    make_organisation,
)
from lineshaft.apps.memberships.queries import members_counted, memberships_counted
from lineshaft.engines.analytics.snapshot import SnapshotStopped, current_snapshot
from lineshaft.kernel.errors import NotPermitted, Unavailable
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs.context import JobContext, JobStopped, Progress


def _network_values(snapshot: Snapshot) -> dict[str, tuple[int | None, int | None]]:
    rows = FigureValue.objects.filter(
        snapshot=snapshot, fiscal_year=YEAR, institute="", dimension=""
    )
    return {row.figure: (row.numerator, row.denominator) for row in rows}


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_snapshot_computes_every_figure_of_the_network() -> None:
    make_books()
    snapshot = services.take_snapshot(SYSTEM, now=NOW)
    assert _network_values(snapshot) == {
        "network.institutes_by_status": (2, None),
        "memberships.members": (2, None),
        "memberships.memberships": (3, None),
        "memberships.members_by_kind": (2, None),
        "memberships.sme_share": (1, 1),
        "memberships.states_covered": (2, None),
        "funding.federal_obligated": (10 * MILLION, None),
        "funding.federal_drawn": (4 * MILLION, None),
        "funding.cost_share_cash": (4 * MILLION, None),
        "funding.cost_share_in_kind": (2 * MILLION, None),
        "funding.cost_share_total": (6 * MILLION, None),
        "funding.match_ratio": (6 * MILLION, 10 * MILLION),
        "funding.federal_undrawn": (66 * MILLION, None),
    }
    by_kind = FigureValue.objects.filter(
        snapshot=snapshot, figure="memberships.members_by_kind", fiscal_year=YEAR, institute=""
    ).exclude(dimension="")
    assert dict(by_kind.values_list("dimension", "numerator")) == {
        "industry_sme": 1,
        "university": 1,
    }
    assert (snapshot.first_year, snapshot.last_year) == (2021, 2023)
    # an institute is known from the year in which its first date lies
    statuses = FigureValue.objects.filter(
        snapshot=snapshot, figure="network.institutes_by_status", institute="", dimension="active"
    )
    assert dict(statuses.values_list("fiscal_year", "numerator")) == {2021: 1, 2022: 2, 2023: 2}


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_snapshot_agrees_with_what_the_apps_count_live() -> None:
    make_books()
    snapshot = services.take_snapshot(SYSTEM, now=NOW)
    period = queries.profile_in_use().fiscal_year(YEAR)
    values = _network_values(snapshot)
    assert values["memberships.members"][0] == members_counted(SYSTEM, period).total
    assert values["memberships.memberships"][0] == memberships_counted(SYSTEM, period).total
    position = match_position("america-makes", period, today=NOW.date())
    own = dict(
        FigureValue.objects.filter(
            snapshot=snapshot, fiscal_year=YEAR, institute="america-makes"
        ).values_list("figure", "numerator")
    )
    assert own["funding.federal_obligated"] == position.obligated_minor
    assert own["funding.federal_drawn"] == position.drawn_minor
    assert own["funding.cost_share_cash"] == position.cash_minor
    assert own["funding.cost_share_in_kind"] == position.in_kind_minor


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_snapshot_of_unchanged_books_has_the_same_hash_and_of_changed_ones_another() -> None:
    make_books()
    first = services.take_snapshot(SYSTEM, now=NOW)
    again = services.take_snapshot(SYSTEM, now=NOW + timedelta(hours=1))
    assert again.hash == first.hash
    assert again.pk != first.pk
    assert services.take_snapshot(SYSTEM, now=NOW + timedelta(hours=1)) == again
    makes, _lift = make_institutes()
    make_membership(make_organisation("New Firm"), makes)
    changed = services.take_snapshot(SYSTEM, now=NOW + timedelta(hours=2))
    assert changed.hash != first.hash
    assert current_snapshot(folder_of(changed).parent) == folder_of(changed)


@pytest.mark.django_db(transaction=True)
def test_snapshot_moves_drafts_on_and_writes_one_event() -> None:
    make_books()
    services.take_snapshot(SYSTEM, now=NOW)
    edition = services.open_report(SYSTEM, YEAR, now=NOW)
    events = AuditEvent.objects.filter(verb="take_snapshot").count()
    newer = services.take_snapshot(SYSTEM, now=NOW + timedelta(hours=1))
    edition.refresh_from_db()
    assert edition.snapshot == newer
    assert AuditEvent.objects.filter(verb="take_snapshot").count() == events + 1


@pytest.mark.django_db(transaction=True)
def test_snapshot_keeps_the_latest_and_those_of_reports(settings: Any) -> None:
    make_books()
    first = services.take_snapshot(SYSTEM, now=NOW)
    edition = services.open_report(SYSTEM, YEAR, now=NOW)
    for standing in queries.parts_of(edition):
        services.attest_part(
            SYSTEM,
            YEAR,
            institute=standing.institute.key,
            seen_digest=standing.digest,
            now=NOW,
        )
    services.publish_report(SYSTEM, YEAR, now=NOW)
    later = [services.take_snapshot(SYSTEM, now=NOW + timedelta(hours=n)) for n in range(1, 8)]
    kept = set(Snapshot.objects.filter(is_kept=True).values_list("pk", flat=True))
    assert kept == {first.pk, *(one.pk for one in later[-5:])}
    assert FigureValue.objects.filter(snapshot=later[0]).count() == 0
    assert not folder_of(later[0]).exists()
    assert folder_of(first).exists()


@pytest.mark.django_db(transaction=True)
def test_snapshot_stopped_keeps_nothing_and_its_job_ends_when_asked_to() -> None:
    make_books()
    with pytest.raises(SnapshotStopped):
        services.take_snapshot(SYSTEM, now=NOW, should_stop=lambda: True)
    assert Snapshot.objects.count() == 0
    job = services.request_snapshot(SYSTEM, now=NOW)
    progress = Progress()
    context = JobContext(job, SYSTEM, progress, exchange=lambda: None)
    run_take_snapshot(context)
    assert Snapshot.objects.count() == 1
    assert progress.done == progress.total > 0
    progress.is_stop_wanted = True
    with pytest.raises(JobStopped):
        run_take_snapshot(context)
    assert Snapshot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_snapshot_on_a_cluster_that_is_not_there_is_refused_before_anything_is_written(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_books()
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    settings.FIGURES_ENGINE = "spark"
    with pytest.raises(Unavailable, match=r"\(pyspark is not installed\).*the engine duckdb"):
        services.take_snapshot(SYSTEM, now=NOW)
    assert Snapshot.objects.count() == 0
    assert not snapshots_folder().exists()


@pytest.mark.django_db
def test_snapshot_is_for_the_office_the_institutes_and_the_agencies(
    public: Actor, learner: Actor, institute_finance: Actor, agency_sponsor: Actor
) -> None:
    assert services.may_take_snapshot(institute_finance)
    assert services.may_take_snapshot(agency_sponsor)
    for actor in (public, learner):
        with pytest.raises(NotPermitted):
            services.take_snapshot(actor, now=NOW)
        with pytest.raises(NotPermitted):
            services.request_snapshot(actor, now=NOW)


@pytest.mark.django_db
def test_snapshot_requested_twice_waits_once() -> None:
    first = services.request_snapshot(SYSTEM, now=NOW)
    assert services.request_snapshot(SYSTEM, now=NOW) == first


def test_address_of_a_server_has_its_password_and_port() -> None:
    described = {
        "NAME": "line shaft",
        "USER": "ada",
        "PASSWORD": "p@ss/word",
        "HOST": "db",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require", "pool": True},
    }
    assert postgresql_address(described) == (
        "postgresql://ada:p%40ss%2Fword@db:5433/line%20shaft?sslmode=require"
    )


def test_address_of_a_socket_has_no_password() -> None:
    described = {
        "NAME": "lineshaft",
        "USER": "",
        "PASSWORD": "",
        "HOST": "/run/postgresql",
        "PORT": "",
        "OPTIONS": {},
    }
    assert postgresql_address(described) == "postgresql:///lineshaft?host=%2Frun%2Fpostgresql"


def test_address_writes_a_blank_in_an_option_as_postgresql_reads_it() -> None:
    described = {
        "NAME": "lineshaft",
        "USER": "",
        "PASSWORD": "",
        "HOST": "db",
        "PORT": "",
        "OPTIONS": {"options": "-c statement_timeout=9000"},
    }
    assert postgresql_address(described) == (
        "postgresql://db/lineshaft?options=-c%20statement_timeout%3D9000"
    )


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_snapshot_says_what_is_left_of_awards_and_what_dues_would_be() -> None:
    make_books()  # an award of 70 M$ to 2026-10-01, of which 4 M$ are drawn in fiscal year 2022
    makes, lift = make_institutes()
    half_year = {"starts_on": date(2021, 10, 1), "ends_on": date(2022, 4, 2)}
    make_membership(make_organisation("Half Year"), makes, tier="sme", **half_year)
    make_membership(make_organisation("Whole Year"), makes, tier="sme")
    make_membership(make_organisation("Next Year"), lift, tier="academic", starts_on=NOW.date())
    snapshot = services.take_snapshot(SYSTEM, now=NOW)
    rows = FigureValue.objects.filter(snapshot=snapshot, figure__in=queries.planning_figures())
    found = {
        (row.figure, row.institute, row.fiscal_year, row.dimension): row.numerator or 0
        for row in rows
    }
    assert ("funding.federal_undrawn", "america-makes", YEAR - 1, "") not in found
    assert found["funding.federal_undrawn", "america-makes", YEAR, ""] == 66 * MILLION
    assert (
        found["funding.award_days_left", "america-makes", YEAR, ""]
        == (funding.ENDS_ON - date(2022, 10, 1)).days
    )
    dues = {key[1:]: value for key, value in found.items() if key[0] == "memberships.dues_at_list"}
    half = 500_000 * 183 // 365
    assert dues["america-makes", YEAR, "sme"] == dues["america-makes", YEAR, ""] == 500_000 + half
    assert dues["", YEAR, ""] == 500_000 + half
    assert dues["lift", YEAR + 1, "academic"] == 1_500_000 * 315 // 365
    assert dues["", YEAR + 1, ""] == 500_000 + dues["lift", YEAR + 1, "academic"]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_snapshot_holds_own_income_by_stream_less_what_was_taken_back() -> None:
    make_books()
    makes, _lift = make_institutes()
    day = date(2022, 3, 1)
    rows = [
        OwnIncomeRow(
            id=funding.transfer_id(f"own {stream}"),
            institute_id=makes.pk,
            stream=stream,
            amount_minor=amount,
            currency="USD",
            received_on=day,
        )
        for stream, amount in (("services", 3 * MILLION), ("dues", MILLION))
    ]
    for row in rows:
        record_own_income(SYSTEM, row, now=NOW)
    snapshot = services.take_snapshot(SYSTEM, now=NOW)
    found = FigureValue.objects.filter(
        snapshot=snapshot, figure=queries.INCOME_FIGURE, fiscal_year=YEAR
    )
    values = {(row.institute, row.dimension): row.numerator for row in found}
    assert values == {
        (key, stream): amount
        for key in ("", "america-makes")
        for stream, amount in (("", 4 * MILLION), ("services", 3 * MILLION), ("dues", MILLION))
    }
    outlook = queries.outlook_of(snapshot, queries.InstituteName("america-makes", "", ""))
    assert outlook is not None
    assert outlook.recorded_streams == {"services", "dues"}
    assert outlook.books.own(-1) == 4 * MILLION
