"""Taking a snapshot: facts to Parquet, figures computed once, open drafts moved on to them."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection, transaction

from lineshaft import __version__
from lineshaft.apps.funding.facts import FACTS as FUNDING_FACTS
from lineshaft.apps.insight import queries, rules
from lineshaft.apps.insight.models import (
    FigureValue,
    InstitutePart,
    PortfolioCell,
    ReportEdition,
    Snapshot,
)
from lineshaft.apps.insight.rules import EditionState
from lineshaft.apps.memberships.facts import FACTS as MEMBERSHIP_FACTS
from lineshaft.apps.network.facts import FACTS as NETWORK_FACTS
from lineshaft.engines.analytics.cells import CellRow, compute_cells
from lineshaft.engines.analytics.engine import FigureEngine
from lineshaft.engines.analytics.facts import FactColumn, FactTable
from lineshaft.engines.analytics.figures import ON_ONE_MACHINE, FigureResults, compute
from lineshaft.engines.analytics.on_spark import spark_engine
from lineshaft.engines.analytics.snapshot import (
    GivenTable,
    SnapshotManifest,
    SnapshotProgress,
    prune_snapshots,
    write_snapshot,
)
from lineshaft.engines.analytics.source import DatabaseSource
from lineshaft.engines.on_spark import Cluster
from lineshaft.kernel.jurisdiction import JurisdictionProfile, OrganisationGroup
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import Role, ScopeKind

TAKE_SNAPSHOT_JOB: Final = "take_snapshot"
FACTS: Final = (*NETWORK_FACTS, *MEMBERSHIP_FACTS, *FUNDING_FACTS)
_BATCH_ROWS: Final = 2000
_LIBPQ_OPTIONS: Final = frozenset(
    {"connect_timeout", "options", "service", "sslcert", "sslkey", "sslmode", "sslrootcert"}
)
_KINDS: Final = FactTable(
    name="organisation_kinds",
    grain="one kind of organisation of the jurisdiction profile",
    sql="",
    columns=(
        FactColumn("kind", "string", "", "key of the kind"),
        FactColumn("is_industry", "bool", "", "whether it is a company"),
        FactColumn("is_sme", "bool", "", "whether it is small or medium-sized"),
    ),
)
_TIERS: Final = FactTable(
    name="tiers",
    grain="one membership tier of the jurisdiction profile",
    sql="",
    columns=(
        FactColumn("tier", "string", "", "key of the tier"),
        FactColumn("dues_minor", "int64", "minor units", "what a member of the tier pays a year"),
    ),
)
_JURISDICTION: Final = FactTable(
    name="jurisdiction",
    grain="the jurisdiction profile in use",
    sql="",
    columns=(
        FactColumn("profile", "string", "", "key of the profile"),
        FactColumn("currency", "string", "", "currency in which figures are counted"),
    ),
)


def may_take_snapshot(actor: Actor) -> bool:
    """Whether the actor may bring the figures up to date, for the network or an own institute."""
    permission = rules.PERMISSIONS["take_snapshot"]
    return (
        may(actor, permission)
        or any(may(actor, permission, institute=key) for key in actor.own_institute_keys)
        or any(may(actor, permission, agency=key) for key in _agency_keys(actor))
    )


def request_snapshot(actor: Actor, *, now: datetime) -> Job:
    """Queue a snapshot; one that waits already is returned instead."""
    if not may_take_snapshot(actor):
        permit(actor, rules.PERMISSIONS["take_snapshot"])
    return enqueue(actor, TAKE_SNAPSHOT_JOB, {}, now=now, unique=True)


def take_snapshot(
    actor: Actor,
    *,
    now: datetime,
    progress: Callable[[SnapshotProgress], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Snapshot:
    """Write what the database holds now as a snapshot, compute every figure, and keep both.

    Reads what is committed, on a connection of its own. Open drafts of reports move to the new
    figures, so parts that changed are stale from then on. Older snapshots that no report needs
    lose their files. Raises SnapshotStopped when `should_stop` says so, and Unavailable, before
    anything is written, where figures are to be computed on a cluster that does not answer.
    """
    if not may_take_snapshot(actor):
        permit(actor, rules.PERMISSIONS["take_snapshot"])
    profile = queries.profile_in_use()
    with figure_engine() as engine:
        manifest = write_snapshot(
            database_source(),
            FACTS,
            snapshots_folder(),
            taken_at=now,
            fiscal_year=profile.fiscal_year_rule,
            program=f"lineshaft {__version__}",
            given=_given(profile),
            progress=progress,
            should_stop=should_stop,
        )
        results = compute(queries.figure_library(), manifest.folder, engine=engine)
        cells = compute_cells(queries.portfolio_library(), manifest.folder, engine=engine)
    with transaction.atomic():
        snapshot = _keep(actor, manifest, results, cells)
        for edition in ReportEdition.objects.select_for_update().filter(
            state=EditionState.DRAFT.value
        ):
            edition.snapshot = snapshot
            edition.save(update_fields=["snapshot"])
            sync_parts(edition)
        record_event(
            actor,
            "take_snapshot",
            snapshot,
            now=now,
            changes={"hash": snapshot.hash, "rows": snapshot.rows},
        )
    _prune(now)
    return snapshot


def sync_parts(edition: ReportEdition) -> int:
    """Give each institute that has something to report its part in a draft; how many there are.

    A part that nobody has attested goes when its institute has nothing to report any more.
    """
    reporting = queries.reporting_institutes(edition.snapshot, edition.fiscal_year)
    known = set(edition.parts.values_list("institute", flat=True))
    InstitutePart.objects.bulk_create(
        [InstitutePart(edition=edition, institute=key) for key in reporting if key not in known]
    )
    edition.parts.exclude(institute__in=reporting).delete()
    return len(reporting)


def figure_engine() -> AbstractContextManager[FigureEngine]:
    """What computes figures in this installation, until the end of the block; raises Unavailable
    at its beginning.
    """
    if settings.FIGURES_ENGINE == "duckdb":
        return nullcontext(ON_ONE_MACHINE)
    return spark_engine(Cluster(settings.SPARK_MASTER, settings.SPARK_FOLDER))


def snapshots_folder() -> Path:
    """Where all snapshots lie."""
    return Path(settings.SNAPSHOTS_DIR)


def folder_of(snapshot: Snapshot) -> Path:
    """Where the files of a snapshot lie, if they are kept."""
    return snapshots_folder() / snapshot.name


def database_source() -> DatabaseSource:
    """The program's database, as analytics reads it."""
    if connection.vendor == "sqlite":
        return DatabaseSource("sqlite", str(connection.settings_dict["NAME"]))
    return DatabaseSource("postgresql", postgresql_address(connection.settings_dict))


def postgresql_address(described: Mapping[str, Any]) -> str:
    """The address of a PostgreSQL database as Django describes it, for a driver of its own."""
    query = {
        key: str(value)
        for key, value in described.get("OPTIONS", {}).items()
        if key in _LIBPQ_OPTIONS
    }
    host = str(described["HOST"] or "")
    if host.startswith("/"):  # a socket's folder goes into the query
        query["host"], host = host, ""
    login = quote(str(described["USER"] or ""), safe="")
    if described["PASSWORD"]:
        login += ":" + quote(str(described["PASSWORD"]), safe="")
    port = f":{described['PORT']}" if described["PORT"] and host else ""
    address = f"postgresql://{login}{'@' if login else ''}{host}{port}"
    address += f"/{quote(str(described['NAME']), safe='')}"
    return address + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def value_rows(snapshot: Snapshot, results: FigureResults) -> Iterable[FigureValue]:
    """Computed results as rows of a snapshot, not stored; nothing for what was not computed."""
    for definition in queries.figure_library().figures:
        for row in results.rows.get(definition.id, ()):
            yield FigureValue(
                snapshot=snapshot,
                figure=definition.id,
                version=definition.version,
                institute=row.institute or "",
                fiscal_year=row.fiscal_year,
                dimension=row.dimension or "",
                numerator=row.numerator,
                denominator=row.denominator,
            )


def cell_rows(
    snapshot: Snapshot, cells: Mapping[str, tuple[CellRow, ...]]
) -> Iterable[PortfolioCell]:
    """Computed cells as rows of a snapshot, not stored; nothing for what was not computed."""
    for definition in queries.portfolio_library().figures:
        for row in cells.get(definition.id, ()):
            yield PortfolioCell(
                snapshot=snapshot,
                figure=definition.id,
                version=definition.version,
                agency=row.agency,
                institute=row.institute,
                technology_areas=row.technology_areas,
                state=row.state,
                fiscal_year=row.fiscal_year,
                part=row.part,
                numerator=row.numerator,
                denominator=row.denominator,
            )


def _keep(
    actor: Actor,
    manifest: SnapshotManifest,
    results: FigureResults,
    cells: Mapping[str, tuple[CellRow, ...]],
) -> Snapshot:
    """The record of a snapshot and its values; the one there is, if it is there already."""
    described: dict[str, Any] = {
        "hash": manifest.hash,
        "taken_at": manifest.taken_at,
        "program": manifest.program,
        "rows": manifest.rows,
        "size_bytes": manifest.size_bytes,
        "first_year": results.fiscal_years[0],
        "last_year": results.fiscal_years[-1],
        "is_demonstration": settings.IS_DEMONSTRATION,
        "taken_by_id": actor.user_id,
    }
    snapshot, is_new = Snapshot.objects.get_or_create(name=manifest.name, defaults=described)
    if is_new:
        FigureValue.objects.bulk_create(value_rows(snapshot, results), batch_size=_BATCH_ROWS)
        PortfolioCell.objects.bulk_create(cell_rows(snapshot, cells), batch_size=_BATCH_ROWS)
    return snapshot


def _given(profile: JurisdictionProfile) -> tuple[GivenTable, ...]:
    kinds = tuple(
        {
            "kind": kind.key,
            "is_industry": kind.group is OrganisationGroup.INDUSTRY,
            "is_sme": kind.is_sme,
        }
        for kind in profile.organisation_kinds
    )
    tiers = tuple({"tier": tier.key, "dues_minor": tier.dues_minor} for tier in profile.tiers)
    jurisdiction = {"profile": profile.key, "currency": profile.currency}
    return (
        GivenTable(_KINDS, kinds),
        GivenTable(_TIERS, tiers),
        GivenTable(_JURISDICTION, (jurisdiction,)),
    )


def _prune(now: datetime) -> None:
    """Remove the files and values of old snapshots that no report and no attestation names."""
    used = set(ReportEdition.objects.values_list("snapshot__name", flat=True))
    used |= set(
        InstitutePart.objects.filter(
            attested_snapshot__isnull=False, edition__state=EditionState.DRAFT.value
        ).values_list("attested_snapshot__name", flat=True)
    )
    removed = prune_snapshots(
        snapshots_folder(),
        pinned=used,
        keep_latest=rules.SNAPSHOTS_KEPT,
        unfinished_before=now - rules.UNFINISHED_KEPT,
    )
    if removed:
        with transaction.atomic():
            gone = Snapshot.objects.filter(name__in=removed)
            FigureValue.objects.filter(snapshot__in=gone).delete()
            PortfolioCell.objects.filter(snapshot__in=gone).delete()
            gone.update(is_kept=False)


def _agency_keys(actor: Actor) -> frozenset[str]:
    return actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)
