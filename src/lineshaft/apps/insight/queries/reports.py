"""Reads of insight: figures as computed and stored, editions of the report, what waits for whom.

No page computes a figure: values are stored once per snapshot, so a read costs the same at every
scale. A published edition is public, also after it was restated; a draft is read by the network's
staff, and by an institute's staff and sponsor for that institute alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from lineshaft.apps.insight import rules
from lineshaft.apps.insight.models import (
    FigureValue,
    InstitutePart,
    PublishedValue,
    ReportDocument,
    ReportEdition,
    Snapshot,
)
from lineshaft.apps.insight.rules import EditionState, PartState
from lineshaft.apps.network import queries as network
from lineshaft.engines.analytics.figures import (
    FigureDefinition,
    FigureKind,
    FigureLibrary,
    load_library,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import JurisdictionProfile
from lineshaft.kernel.money import Money
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.profile import load_profile
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

FIGURES_FOLDER: Final = Path(__file__).parent.parent / "figures"
STATUS_FIGURE: Final = "network.institutes_by_status"
KEY_FIGURES: Final = (
    "memberships.members",
    "memberships.sme_share",
    "funding.federal_obligated",
    "funding.cost_share_total",
    "funding.match_ratio",
)
"""What the home page shows, in this order."""

_NO_REPORT: Final = gettext_noop("There is no report of fiscal year %(fiscal_year)s to read yet.")
_NO_FIGURE: Final = gettext_noop("There is no figure “%(figure)s”.")


def profile_in_use() -> JurisdictionProfile:
    """The jurisdiction profile that this installation runs under."""
    return load_profile(settings.PROFILE)


@cache
def figure_library() -> FigureLibrary:
    """The figures that ship, read once in a process."""
    return load_library(FIGURES_FOLDER)


@cache
def planning_figures() -> tuple[str, ...]:
    """The figures that the annual report leaves out; nobody attests them."""
    library = figure_library()
    return tuple(one.id for one in library.figures if one not in library.reported)


def figure_by_id(figure_id: str) -> FigureDefinition:
    """The figure of that id; raises NotFound."""
    found = figure_library().figure(figure_id)
    if found is None:
        raise NotFound(_NO_FIGURE, code="no_figure", params={"figure": figure_id})
    return found


# ------------------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a figure, for one institute (empty: the network) and dimension (empty: all)."""

    definition: FigureDefinition
    institute: str
    fiscal_year: int
    dimension: str
    numerator: int | None
    denominator: int | None

    @property
    def value(self) -> Decimal | None:
        """Exact, money in minor units; a quotient rounded once; None where there is none."""
        return self.definition.value_of(self.numerator, self.denominator)

    @property
    def number(self) -> Decimal | None:
        """The value as one writes it: money in whole units of the currency."""
        return in_units(self.definition, self.value)


@dataclass(frozen=True, slots=True)
class InstituteName:
    """What a report calls an institute."""

    key: str
    name: str
    name_zh: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None

    def sort_key(self) -> tuple[str, str]:
        """By name, letter case apart."""
        return self.name.casefold(), self.key

    def name_in(self, language: str) -> str:
        is_chinese = language.lower().startswith("zh")
        return (self.name_zh if is_chinese else "") or self.name


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """One figure of a report: its value, its parts, and what others published."""

    definition: FigureDefinition
    total: Measured
    by_institute: tuple[Measured, ...]
    by_dimension: tuple[Measured, ...]
    of_institute_by_dimension: tuple[Measured, ...]
    published: tuple[PublishedValue, ...]

    def of_institute(self, key: str) -> Measured | None:
        return next((one for one in self.by_institute if one.institute == key), None)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the annual report of a year says, from one snapshot."""

    period: FiscalPeriod
    edition: ReportEdition | None
    snapshot: Snapshot
    institutes: tuple[InstituteName, ...]
    figures: tuple[ReportFigure, ...]
    currency: str

    @property
    def is_draft(self) -> bool:
        return self.edition is None or self.edition.is_draft

    def figure(self, figure_id: str) -> ReportFigure:
        """The figure of that id; raises NotFound."""
        for one in self.figures:
            if one.definition.id == figure_id:
                return one
        raise NotFound(_NO_FIGURE, code="no_figure", params={"figure": figure_id})

    def institute(self, key: str) -> InstituteName:
        """The institute's names; its key where the network does not know it any more."""
        found = next((one for one in self.institutes if one.key == key), None)
        return found or InstituteName(key, key, "")


def in_units(definition: FigureDefinition, value: Decimal | None) -> Decimal | None:
    """A value as one writes it: money in whole units of the currency, all else as it is."""
    if value is None or definition.kind is not FigureKind.SUM:
        return value
    return Money(int(value), profile_in_use().currency).amount


def report_of(fiscal_year: int, snapshot: Snapshot, edition: ReportEdition | None = None) -> Report:
    """The report of a year from a snapshot; four queries. Visibility is the caller's to decide."""
    values = FigureValue.objects.filter(snapshot=snapshot, fiscal_year=fiscal_year)
    published = published_in(fiscal_year)
    measured = list(_measured(values))
    profile = profile_in_use()
    return Report(
        period=profile.fiscal_year(fiscal_year),
        edition=edition,
        snapshot=snapshot,
        institutes=institute_names(),
        figures=tuple(
            _report_figure(definition, fiscal_year, measured, published)
            for definition in figure_library().reported
        ),
        currency=profile.currency,
    )


def institute_names() -> tuple[InstituteName, ...]:
    """Every institute with the names of today, by name; one query."""
    rows = (
        network.institutes_visible_to(Actor.public())
        .select_related(None)
        .prefetch_related(None)
        .values("key", "name", "name_zh", "place__latitude", "place__longitude")
    )
    names = (
        InstituteName(
            row["key"], row["name"], row["name_zh"], row["place__latitude"], row["place__longitude"]
        )
        for row in rows
    )
    return tuple(sorted(names, key=InstituteName.sort_key))


def values_by_year(
    snapshot: Snapshot,
    *,
    figures: Sequence[str],
    institute: str = "",
    until: int | None = None,
) -> dict[str, tuple[Measured, ...]]:
    """For each figure its undivided values year by year, for the network or one institute."""
    rows = FigureValue.objects.filter(
        snapshot=snapshot, figure__in=figures, institute=institute, dimension=""
    )
    if until is not None:
        rows = rows.filter(fiscal_year__lte=until)
    found: dict[str, list[Measured]] = {figure: [] for figure in figures}
    for one in _measured(rows.order_by("fiscal_year")):
        found[one.definition.id].append(one)
    return {figure: tuple(values) for figure, values in found.items()}


def institute_values(snapshot: Snapshot, institute: str, fiscal_year: int) -> tuple[Measured, ...]:
    """One institute's values in a year, in the library's order, dimensions too; one query."""
    rows = FigureValue.objects.filter(
        snapshot=snapshot, institute=institute, fiscal_year=fiscal_year
    ).exclude(figure__in=planning_figures())
    position = {one.id: place for place, one in enumerate(figure_library().figures)}
    return tuple(
        sorted(_measured(rows), key=lambda one: (position[one.definition.id], one.dimension))
    )


def figures_digest(snapshot: Snapshot, fiscal_year: int, institute: str) -> str:
    """What an attestation is given over: a digest of the institute's figures of that year."""
    return digests_by_institute(snapshot, fiscal_year, [institute])[institute]


def digests_by_institute(
    snapshot: Snapshot, fiscal_year: int, institutes: Iterable[str]
) -> dict[str, str]:
    """The digest of each institute's figures; one query."""
    rows: dict[str, list[tuple[object, ...]]] = {key: [] for key in institutes}
    for institute, *value in (
        FigureValue.objects.filter(
            snapshot=snapshot, fiscal_year=fiscal_year, institute__in=list(rows)
        )
        .exclude(figure__in=planning_figures())
        .exclude(Q(numerator=0) | Q(numerator=None), Q(denominator=0) | Q(denominator=None))
        .values_list("institute", "figure", "version", "dimension", "numerator", "denominator")
    ):
        rows[institute].append(tuple(value))
    return {key: rules.digest_of_figures(values) for key, values in rows.items()}


def reporting_institutes(snapshot: Snapshot, fiscal_year: int) -> tuple[str, ...]:
    """Keys of the institutes with members or money in that year: those that have to attest."""
    return tuple(
        FigureValue.objects.filter(snapshot=snapshot, fiscal_year=fiscal_year)
        .exclude(institute="")
        .exclude(figure__in=(STATUS_FIGURE, *planning_figures()))
        .exclude(Q(numerator=0) | Q(numerator=None))
        .order_by("institute")
        .values_list("institute", flat=True)
        .distinct()
    )


# ---------------------------------------------------------------------------- published values


def published_in(fiscal_year: int) -> dict[str, tuple[PublishedValue, ...]]:
    """For each metric what was published for exactly that year, all of it; one query."""
    return _by_metric(PublishedValue.objects.filter(first_year=fiscal_year, last_year=fiscal_year))


def published_of(definition: FigureDefinition) -> tuple[PublishedValue, ...]:
    """Everything published beside a figure, by metric and period; one query."""
    return tuple(
        PublishedValue.objects.filter(metric__in=definition.published).order_by(
            "first_year", "position"
        )
    )


# ------------------------------------------------------------------------- snapshots, editions


def current_snapshot() -> Snapshot | None:
    """The newest snapshot, None before the first."""
    return Snapshot.objects.order_by("-taken_at", "-pk").first()


def editions_visible_to(actor: Actor) -> QuerySet[ReportEdition]:
    """Published and restated editions; drafts for the network's staff. Newest first."""
    editions = ReportEdition.objects.select_related("snapshot").order_by("-fiscal_year", "-number")
    if actor.is_network_staff:
        return editions
    return editions.exclude(state=EditionState.DRAFT.value)


def edition_to_read(actor: Actor, fiscal_year: int, *, number: int | None = None) -> ReportEdition:
    """The edition that a reader gets: that number, else the newest published, else the draft.

    Raises NotFound where the actor may read none.
    """
    editions = editions_visible_to(actor).filter(fiscal_year=fiscal_year)
    if number is not None:
        editions = editions.filter(number=number)
    found = list(editions)
    closed = [one for one in found if not one.is_draft]
    for one in (*closed, *found):
        return one
    raise NotFound(_NO_REPORT, code="no_report", params={"fiscal_year": fiscal_year})


def report_to_read(actor: Actor, fiscal_year: int, *, number: int | None = None) -> Report:
    """The report that a reader gets; raises NotFound. Five queries."""
    edition = edition_to_read(actor, fiscal_year, number=number)
    return report_of(fiscal_year, edition.snapshot, edition)


def check_records_readable(actor: Actor, fiscal_year: int, institute: str) -> None:
    """Return where the actor may list the records behind a year's figures, for an institute.

    A published year's for everybody; a draft's for the network's staff, and for the institute's own
    staff and sponsor. Raises NotFound else.
    """
    if institute and may_read_part(actor, institute) and draft_of(fiscal_year) is not None:
        return
    edition_to_read(actor, fiscal_year)


def snapshot_to_read(actor: Actor, institute: str) -> tuple[Snapshot | None, int | None]:
    """The snapshot in which the actor reads an institute's figures, and the last year to show.

    The newest one for whoever reads the institute's part, else that of the newest published
    edition up to its year; nothing before the first. At most one query.
    """
    if may_read_part(actor, institute):
        newest = current_snapshot()
        return newest, newest.last_year if newest else None
    edition = editions_visible_to(Actor.public()).first()
    return (edition.snapshot, edition.fiscal_year) if edition else (None, None)


def draft_of(fiscal_year: int) -> ReportEdition | None:
    """The open draft of a year, if there is one; visibility is the caller's to decide."""
    return (
        ReportEdition.objects.select_related("snapshot")
        .filter(fiscal_year=fiscal_year, state=EditionState.DRAFT.value)
        .first()
    )


def documents_of(edition: ReportEdition) -> QuerySet[ReportDocument]:
    """The stored documents of a published edition."""
    return edition.documents.select_related("file").order_by("format", "language")


def latest_fiscal_year(actor: Actor) -> int | None:
    """The newest fiscal year of which the actor may read a report; None before the first."""
    latest: int | None = editions_visible_to(actor).aggregate(latest=Max("fiscal_year"))["latest"]
    return latest


# --------------------------------------------------------------------------------------- parts


@dataclass(frozen=True, slots=True)
class PartStanding:
    """An institute's part as it stands against the figures of now."""

    part: InstitutePart
    institute: InstituteName
    digest: str

    @property
    def is_stale(self) -> bool:
        return rules.part_is_stale(self.part.state, self.part.figures_digest, self.digest)

    @property
    def is_attested(self) -> bool:
        """Attested, and the figures are still those that were attested."""
        return self.part.state == PartState.ATTESTED and not self.is_stale


def parts_of(
    edition: ReportEdition, *, institutes: Sequence[InstituteName] | None = None
) -> tuple[PartStanding, ...]:
    """Every institute's part, by name, against the edition's snapshot; at most three queries."""
    parts = list(edition.parts.select_related("attested_by", "attested_snapshot"))
    known = {one.key: one for one in (institute_names() if institutes is None else institutes)}
    digests = digests_by_institute(
        edition.snapshot, edition.fiscal_year, [part.institute for part in parts]
    )
    standing = [
        PartStanding(
            part,
            known.get(part.institute) or InstituteName(part.institute, part.institute, ""),
            digests[part.institute],
        )
        for part in parts
    ]
    return tuple(sorted(standing, key=lambda one: one.institute.sort_key()))


def part_to_read(actor: Actor, fiscal_year: int, institute: str) -> PartStanding:
    """The part of an institute in the open draft, for its staff, its sponsor and the network's
    staff; raises NotFound for everybody else and where there is no draft.
    """
    edition = draft_of(fiscal_year)
    part = None
    if edition is not None and may_read_part(actor, institute):
        part = (
            edition.parts.select_related("attested_by", "attested_snapshot")
            .filter(institute=institute)
            .first()
        )
    if edition is None or part is None:
        raise NotFound(_NO_REPORT, code="no_part", params={"fiscal_year": fiscal_year})
    part.edition = edition
    name = next(
        (one for one in institute_names() if one.key == institute),
        InstituteName(institute, institute, ""),
    )
    return PartStanding(part, name, figures_digest(edition.snapshot, fiscal_year, institute))


def compared_with(part: InstitutePart) -> tuple[Snapshot | None, str]:
    """The snapshot to compare a part's figures with, and why: what was attested, else what the
    edition before published; nothing for a first part. At most one query.
    """
    if part.attested_snapshot is not None:
        return part.attested_snapshot, "attested"
    before = (
        ReportEdition.objects.select_related("snapshot")
        .filter(fiscal_year=part.edition.fiscal_year, number=part.edition.number - 1)
        .first()
    )
    return (before.snapshot, "published") if before else (None, "")


def may_read_part(actor: Actor, institute: str) -> bool:
    """Whether the actor reads that institute's figures before they are published."""
    return actor.is_network_staff or institute in actor.staff_institute_keys


def attestations_waiting_for(actor: Actor) -> tuple[PartStanding, ...]:
    """The parts that the actor's institutes have still to attest, or to attest again.

    For managers alone, since nobody else can; four queries at most, one where none is a manager.
    """
    keys = sorted(actor.scope_ids(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE))
    if not keys:
        return ()
    parts = list(
        InstitutePart.objects.select_related(
            "edition__snapshot", "attested_by", "attested_snapshot"
        )
        .filter(edition__state=EditionState.DRAFT.value, institute__in=keys)
        .order_by("edition__fiscal_year", "institute")
    )
    names = {one.key: one for one in institute_names()} if parts else {}
    waiting = []
    for edition in {part.edition_id: part.edition for part in parts}.values():
        own = [part for part in parts if part.edition_id == edition.pk]
        digests = digests_by_institute(
            edition.snapshot, edition.fiscal_year, [part.institute for part in own]
        )
        for part in own:
            name = names.get(part.institute) or InstituteName(part.institute, part.institute, "")
            standing = PartStanding(part, name, digests[part.institute])
            if not standing.is_attested:
                waiting.append(standing)
    return tuple(waiting)


# ----------------------------------------------------------------------------------- key figures


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number for a front page, with its years up to the one it is of."""

    definition: FigureDefinition
    fiscal_year: int
    total: Measured
    trend: tuple[Measured, ...]
    snapshot: Snapshot


def key_figures(actor: Actor, fiscal_year: int | None = None) -> tuple[KeyFigure, ...]:
    """The network's key figures of a year (by default the newest readable), with their trend.

    Empty where there is no report to read. At most three queries, whatever the scale.
    """
    year = latest_fiscal_year(actor) if fiscal_year is None else fiscal_year
    if year is None:
        return ()
    edition = edition_to_read(actor, year)
    trends = values_by_year(edition.snapshot, figures=KEY_FIGURES, until=year)
    found = []
    for figure_id in KEY_FIGURES:
        trend = trends[figure_id]
        if trend and trend[-1].fiscal_year == year:
            found.append(KeyFigure(trend[-1].definition, year, trend[-1], trend, edition.snapshot))
    return tuple(found)


# --------------------------------------------------------------------------------------- within


def _measured(rows: QuerySet[FigureValue]) -> Iterable[Measured]:
    """The values of figures that this version of the program still knows."""
    library = {one.id: one for one in figure_library().figures}
    for figure, institute, year, dimension, numerator, denominator in rows.values_list(
        "figure", "institute", "fiscal_year", "dimension", "numerator", "denominator"
    ):
        definition = library.get(figure)
        if definition is not None:
            yield Measured(definition, institute, year, dimension, numerator, denominator)


def _report_figure(
    definition: FigureDefinition,
    fiscal_year: int,
    measured: Sequence[Measured],
    published: Mapping[str, tuple[PublishedValue, ...]],
) -> ReportFigure:
    own = [one for one in measured if one.definition.id == definition.id]
    nothing = Measured(definition, "", fiscal_year, "", None, None)
    return ReportFigure(
        definition=definition,
        total=next((one for one in own if not one.institute and not one.dimension), nothing),
        by_institute=tuple(one for one in own if one.institute and not one.dimension),
        by_dimension=_largest_first(one for one in own if not one.institute and one.dimension),
        of_institute_by_dimension=tuple(one for one in own if one.institute and one.dimension),
        published=tuple(
            value for metric in definition.published for value in published.get(metric, ())
        ),
    )


def _largest_first(values: Iterable[Measured]) -> tuple[Measured, ...]:
    return tuple(sorted(values, key=lambda one: (-(one.numerator or 0), one.dimension)))


def _by_metric(rows: QuerySet[PublishedValue]) -> dict[str, tuple[PublishedValue, ...]]:
    found: dict[str, list[PublishedValue]] = {}
    for row in rows.order_by("position"):
        found.setdefault(row.metric, []).append(row)
    return {metric: tuple(values) for metric, values in found.items()}
