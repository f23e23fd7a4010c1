"""Snapshots, what was computed from them, and the annual report: editions, parts, documents.

Invariants, held by the database itself: a snapshot's record is never changed but for whether its
files are still kept; a published edition is never changed but for its state, nor deleted; a
document is never changed nor deleted; a year has at most one draft and one published edition.
Published values come from outside and are never mixed with computed ones. Institutes are named by
key: insight reads facts, not other apps' tables.
"""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.insight.rules import (
    LANGUAGES,
    DenominatorMeasure,
    DocumentFormat,
    EditionState,
    PartState,
)
from lineshaft.plumbing.triggers import Trigger, append_only

EDITION_STATE_LABELS: Final = {
    EditionState.DRAFT: _("Draft"),
    EditionState.PUBLISHED: _("Published"),
    EditionState.RESTATED: _("Restated"),
}
PART_STATE_LABELS: Final = {
    PartState.DRAFT: _("Not attested"),
    PartState.ATTESTED: _("Attested"),
}
DENOMINATOR_LABELS: Final = {
    DenominatorMeasure.POPULATION: _("Population"),
    DenominatorMeasure.MANUFACTURING_JOBS: _("Jobs in manufacturing"),
}
KEY_LENGTH: Final = 64
AREAS_LENGTH: Final = 1000
"""Room for the keys of all technology areas of one institute."""


class Snapshot(models.Model):
    """One snapshot: `hash` is over what it holds, `name` that of its folder."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    hash = models.CharField(_("hash"), max_length=64)
    taken_at = models.DateTimeField(_("taken at"))
    program = models.CharField(_("program"), max_length=40)
    rows = models.BigIntegerField(_("rows"))
    size_bytes = models.BigIntegerField(_("size in bytes"))
    first_year = models.IntegerField(_("first fiscal year"))
    last_year = models.IntegerField(_("last fiscal year"))
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)
    is_kept = models.BooleanField(_("files are kept"), default=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering: ClassVar[list[str]] = ["-taken_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-taken_at", "-id"], name="insight_snapshot_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short_hash(self) -> str:
        """The first digits, as printed beside figures."""
        return self.hash[:12]

    @property
    def fiscal_years(self) -> range:
        """The fiscal years that the data reaches."""
        return range(self.first_year, self.last_year + 1)


class FigureValue(models.Model):
    """One computed value. `institute` is empty for the network, `dimension` for the whole.

    A count or sum has no denominator and is its numerator; money is in minor units.
    """

    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, related_name="values", db_index=False
    )
    figure = models.CharField(_("figure"), max_length=80)
    version = models.PositiveSmallIntegerField(_("version"))
    institute = models.CharField(_("institute"), max_length=KEY_LENGTH, blank=True, default="")
    fiscal_year = models.IntegerField(_("fiscal year"))
    dimension = models.CharField(_("dimension"), max_length=KEY_LENGTH, blank=True, default="")
    numerator = models.BigIntegerField(_("numerator"), null=True)
    denominator = models.BigIntegerField(_("denominator"), null=True)

    class Meta:
        verbose_name = _("figure value")
        verbose_name_plural = _("figure values")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["snapshot", "fiscal_year", "institute"], name="insight_value_by_year"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["snapshot", "figure", "institute", "fiscal_year", "dimension"],
                name="insight_value_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.fiscal_year} {self.institute} {self.dimension}".strip()


class PortfolioCell(models.Model):
    """The smallest part of one figure of the portfolio; cells share no money.

    `technology_areas` are the keys of the institute's areas with a blank between; `part` is a kind
    of cost share or a category of cost, empty where the figure is not divided. A sum has no
    denominator and is its numerator; money is in minor units.
    """

    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, related_name="cells", db_index=False
    )
    figure = models.CharField(_("figure"), max_length=80)
    version = models.PositiveSmallIntegerField(_("version"))
    agency = models.CharField(_("agency"), max_length=KEY_LENGTH)
    institute = models.CharField(_("institute"), max_length=KEY_LENGTH)
    technology_areas = models.CharField(
        _("technology areas"), max_length=AREAS_LENGTH, blank=True, default=""
    )
    state = models.CharField(_("state"), max_length=16, blank=True, default="")
    fiscal_year = models.IntegerField(_("fiscal year"))
    part = models.CharField(_("part"), max_length=KEY_LENGTH, blank=True, default="")
    numerator = models.BigIntegerField(_("numerator"))
    denominator = models.BigIntegerField(_("denominator"), null=True)

    class Meta:
        verbose_name = _("cell of the portfolio")
        verbose_name_plural = _("cells of the portfolio")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["snapshot", "fiscal_year"], name="insight_cell_by_year"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["snapshot", "figure", "fiscal_year", "agency", "institute", "part"],
                name="insight_cell_once",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.figure} {self.fiscal_year} {self.agency} {self.institute} {self.part}".strip()
        )


class StateDenominator(models.Model):
    """How many people, or jobs in manufacturing, a state had in a year, as its source says."""

    measure = models.CharField(
        _("measure"),
        max_length=32,
        choices=[(one.value, label) for one, label in DENOMINATOR_LABELS.items()],
    )
    state = models.CharField(_("state"), max_length=16)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.BigIntegerField(_("number"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("denominator of a state")
        verbose_name_plural = _("denominators of states")
        ordering: ClassVar[list[str]] = ["measure", "state", "year"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["measure", "state", "year"], name="insight_denominator_once"
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0), name="insight_denominator_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(measure__in=[one.value for one in DenominatorMeasure]),
                name="insight_denominator_measure_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.state} {self.year}: {self.number}"


class PublishedValue(models.Model):
    """What somebody published, as published: `value` is text, since not all of it is a number."""

    metric = models.CharField(_("metric"), max_length=KEY_LENGTH)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True, default="")
    unit = models.CharField(_("unit"), max_length=32)
    period = models.CharField(_("period"), max_length=32)
    first_year = models.IntegerField(_("first year"))
    last_year = models.IntegerField(_("last year"))
    value = models.CharField(_("value"), max_length=200)
    precision = models.CharField(_("precision"), max_length=32, blank=True, default="")
    qualifier = models.CharField(_("qualifier"), max_length=200, blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")
    figure_note = models.TextField(_("how it differs from the figure"), blank=True, default="")
    source = models.CharField(_("source"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=16)
    position = models.PositiveIntegerField(_("position"))

    class Meta:
        verbose_name = _("published value")
        verbose_name_plural = _("published values")
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["position"], name="insight_published_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["metric", "first_year"], name="insight_published_metric"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.period}: {self.value}"


class ReportEdition(models.Model):
    """One edition of the annual report of a fiscal year; a draft follows the newest snapshot."""

    fiscal_year = models.IntegerField(_("fiscal year"))
    number = models.PositiveSmallIntegerField(_("edition"))
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in EDITION_STATE_LABELS.items()],
        default=EditionState.DRAFT.value,
    )
    reason = models.TextField(_("reason for restating"), blank=True, default="")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="editions")
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("opened by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("published by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("edition of the annual report")
        verbose_name_plural = _("editions of the annual report")
        ordering: ClassVar[list[str]] = ["-fiscal_year", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["fiscal_year", "number"], name="insight_edition_number_once"
            ),
            models.UniqueConstraint(
                fields=["fiscal_year"],
                condition=Q(state=EditionState.DRAFT.value),
                name="insight_edition_one_draft",
            ),
            models.UniqueConstraint(
                fields=["fiscal_year"],
                condition=Q(state=EditionState.PUBLISHED.value),
                name="insight_edition_one_published",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in EditionState]),
                name="insight_edition_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state=EditionState.DRAFT.value, published_at__isnull=True, sha256="")
                | (
                    ~Q(state=EditionState.DRAFT.value)
                    & Q(published_at__isnull=False)
                    & ~Q(sha256="")
                ),
                name="insight_edition_published_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="insight_edition_restated_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}, edition {self.number}"

    def get_absolute_url(self) -> str:
        """The report's page."""
        return reverse("insight:show_report", args=[self.fiscal_year])

    @property
    def is_draft(self) -> bool:
        return self.state == EditionState.DRAFT

    @property
    def is_restated(self) -> bool:
        return self.state == EditionState.RESTATED


class InstitutePart(models.Model):
    """One institute's figures in one edition, and whether its manager stands behind them."""

    edition = models.ForeignKey(
        ReportEdition, on_delete=models.PROTECT, related_name="parts", db_index=False
    )
    institute = models.CharField(_("institute"), max_length=KEY_LENGTH)
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in PART_STATE_LABELS.items()],
        default=PartState.DRAFT.value,
    )
    figures_digest = models.CharField(
        _("digest of the figures"), max_length=64, blank=True, default=""
    )
    note = models.TextField(_("note"), blank=True, default="")
    attested_at = models.DateTimeField(_("attested at"), null=True, blank=True)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("attested by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    attested_snapshot = models.ForeignKey(
        Snapshot,
        verbose_name=_("snapshot that was attested"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("institute's part")
        verbose_name_plural = _("institutes' parts")
        ordering: ClassVar[list[str]] = ["institute"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["edition", "institute"], name="insight_part_once"),
            models.CheckConstraint(
                condition=Q(
                    state=PartState.ATTESTED.value,
                    attested_at__isnull=False,
                    attested_snapshot__isnull=False,
                )
                | Q(
                    state=PartState.DRAFT.value,
                    attested_at__isnull=True,
                    attested_snapshot__isnull=True,
                ),
                name="insight_part_attested_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institute} in {self.edition_id}"


class ReportDocument(models.Model):
    """A published edition in one format and language: made once, kept for good."""

    edition = models.ForeignKey(
        ReportEdition, on_delete=models.PROTECT, related_name="documents", db_index=False
    )
    format = models.CharField(
        _("format"), max_length=8, choices=[(kind.value, kind.name) for kind in DocumentFormat]
    )
    language = models.CharField(
        _("language"), max_length=16, choices=[(code, code) for code in LANGUAGES]
    )
    file = models.ForeignKey(
        "files.StoredFile", verbose_name=_("file"), on_delete=models.PROTECT, related_name="+"
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    class Meta:
        verbose_name = _("document of a report")
        verbose_name_plural = _("documents of a report")
        ordering: ClassVar[list[str]] = ["edition_id", "format", "language"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["edition", "format", "language"], name="insight_document_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.language}"


_PUBLISHED_MESSAGE: Final = "a published edition is append-only"
_MAY_BE_RESTATED: Final = (
    "OLD.state = 'published' AND NEW.state = 'restated' AND NEW.id = OLD.id"
    " AND NEW.fiscal_year = OLD.fiscal_year AND NEW.number = OLD.number"
    " AND NEW.reason = OLD.reason AND NEW.snapshot_id = OLD.snapshot_id"
    " AND NEW.opened_at = OLD.opened_at AND NEW.published_at = OLD.published_at"
    " AND NEW.sha256 = OLD.sha256"
    " AND coalesce(NEW.opened_by_id, 0) = coalesce(OLD.opened_by_id, 0)"
    " AND coalesce(NEW.published_by_id, 0) = coalesce(OLD.published_by_id, 0)"
)


def _edition_trigger(name: str, event: str, condition: str) -> Trigger:
    """Refuse `event` on an edition where `condition` holds; PostgreSQL allows OLD in WHEN."""
    return Trigger(
        name=name,
        table="insight_reportedition",
        sqlite=(
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "insight_reportedition" '
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{_PUBLISHED_MESSAGE}'); END"
        ),
        postgresql=(
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "insight_reportedition" '
            f"FOR EACH ROW WHEN ({condition}) "
            f"EXECUTE FUNCTION lineshaft_refuse_change('{_PUBLISHED_MESSAGE}')"
        ),
    )


TRIGGERS: Final = (
    *append_only("insight_snapshot", updatable_columns=("is_kept",)),
    *append_only("insight_reportdocument"),
    _edition_trigger(
        "insight_edition_no_update",
        "UPDATE",
        f"OLD.state <> 'draft' AND NOT ({_MAY_BE_RESTATED})",
    ),
    _edition_trigger("insight_edition_no_delete", "DELETE", "OLD.state <> 'draft'"),
    Trigger(
        name="insight_edition_no_truncate",
        table="insight_reportedition",
        sqlite="",
        postgresql=(
            'CREATE TRIGGER "insight_edition_no_truncate" BEFORE TRUNCATE ON '
            '"insight_reportedition" FOR EACH STATEMENT '
            f"EXECUTE FUNCTION lineshaft_refuse_change('{_PUBLISHED_MESSAGE}')"
        ),
    ),
)
