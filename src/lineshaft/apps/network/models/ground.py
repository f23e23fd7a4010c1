"""The ground of the domain: institutes, organisations, agencies, people, places, technology areas.

Invariants: an institute's key never changes; what is known of it stands as dated, sourced facts
beside it, today's and the founding paper's apart; an identifier of an identifying scheme belongs to
one organisation; a coordinate pair is whole or absent. Nothing here is deleted: records elsewhere
name these rows.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.network import rules
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel

INSTITUTE_STATUS_LABELS = {
    rules.InstituteStatus.PROPOSED: _("Proposed"),
    rules.InstituteStatus.PLANNED: _("Planned"),
    rules.InstituteStatus.ACTIVE: _("Active"),
    rules.InstituteStatus.CURE_PERIOD: _("Cure period"),
    rules.InstituteStatus.RECOGNISED_UNFUNDED: _("Recognised, unfunded"),
    rules.InstituteStatus.TERMINATED: _("Terminated"),
}
NAME_KIND_LABELS = {
    rules.NameKind.LEGAL: _("Legal name"),
    rules.NameKind.ALIAS: _("Alias"),
    rules.NameKind.FORMER: _("Former name"),
}
DATE_KIND_LABELS = {
    rules.DateKind.SOLICITATION_OPENED: _("Solicitation opened"),
    rules.DateKind.ANNOUNCED: _("Announced"),
    rules.DateKind.SELECTED: _("Selected"),
    rules.DateKind.AWARDED: _("Awarded"),
    rules.DateKind.ESTABLISHED: _("Established"),
    rules.DateKind.CURE_PERIOD_OPENED: _("Cure period opened"),
    rules.DateKind.REMEDIED: _("Deficiencies remedied"),
    rules.DateKind.RECOGNISED: _("Recognised"),
    rules.DateKind.TERMINATED: _("Terminated"),
}
PRECISION_LABELS = {
    rules.Precision.DAY: _("To the day"),
    rules.Precision.MONTH: _("To the month"),
    rules.Precision.YEAR: _("To the year"),
}
CONFIDENCE_LABELS = {
    rules.Confidence.HIGH: _("High confidence"),
    rules.Confidence.MEDIUM: _("Medium confidence"),
    rules.Confidence.LOW: _("Low confidence"),
    rules.Confidence.UNSTATED: _("Confidence not stated"),
}
EDITION_LABELS = {
    rules.Edition.TODAY: _("Today"),
    rules.Edition.SEED: _("Founding paper"),
}
DESIGNATION_LABELS = {
    rules.Designation.HBCU: _("Historically Black college or university"),
    rules.Designation.TRIBAL_COLLEGE: _("Tribal college"),
    rules.Designation.MINORITY_SERVING: _("Minority-serving institution"),
    rules.Designation.MINORITY_BUSINESS: _("Minority business enterprise"),
    rules.Designation.RURAL_SERVING: _("Rural-serving institution"),
}
SPONSOR_ROLE_LABELS = {
    rules.SponsorRole.LEAD: _("Lead sponsor"),
    rules.SponsorRole.CO_FUNDING: _("Co-funding"),
}
FACT_KIND_LABELS = {
    rules.FactKind.TEXT: _("Text"),
    rules.FactKind.MONEY: _("Money"),
    rules.FactKind.COUNT: _("Count"),
    rules.FactKind.YEARS: _("Years"),
    rules.FactKind.RATIO: _("Ratio"),
}
QUALIFIER_LABELS = {
    rules.Qualifier.EXACT: _("Exact"),
    rules.Qualifier.AT_LEAST: _("At least"),
    rules.Qualifier.AT_MOST: _("At most"),
    rules.Qualifier.PLANNED: _("Planned"),
    rules.Qualifier.COMPUTED: _("Computed"),
}
TERMINATION_GROUND_LABELS = {
    rules.TerminationGround.CONVENIENCE: _("Termination for convenience"),
    rules.TerminationGround.NOT_REMEDIED: _("Deficiencies not remedied"),
    rules.TerminationGround.END_OF_TERM: _("End of term"),
    rules.TerminationGround.NOT_ESTABLISHED: _("Never established"),
}

PRECISION_CHOICES = list(PRECISION_LABELS.items())
CONFIDENCE_CHOICES = list(CONFIDENCE_LABELS.items())


def _confidence() -> "models.CharField[str, str]":
    return models.CharField(
        _("confidence"), max_length=8, blank=True, default="", choices=CONFIDENCE_CHOICES
    )


def _coordinates_are_whole(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(latitude__isnull=True, longitude__isnull=True)
        | Q(
            latitude__gte=-90,
            latitude__lte=90,
            longitude__gte=-180,
            longitude__lte=180,
        ),
        name=name,
    )


def _one_of(name: str, column: str, values: list[str]) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{column}__in": values}), name=name)


class TechnologyArea(models.Model):
    """A field of manufacturing technology, in a tree."""

    key = models.SlugField(_("key"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True, default="")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )

    class Meta:
        verbose_name = _("technology area")
        verbose_name_plural = _("technology areas")

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A town where institutes sit; `region` is a code of the profile's place codes."""

    city = models.CharField(_("city"), max_length=120)
    city_zh = models.CharField(
        _("Chinese name of the city"), max_length=120, blank=True, default=""
    )
    region = models.CharField(_("region"), max_length=16, blank=True, default="")
    country = models.CharField(_("country"), max_length=2)
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["country", "region", "city"], name="network_place_once"
            ),
            _coordinates_are_whole("network_place_coordinates"),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.city, self.region) if part)


class Agency(models.Model):
    """A body of government; a department, or an office within one."""

    key = models.CharField(_("key"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True, default="")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="offices"
    )
    is_sponsor = models.BooleanField(_("sponsors institutes"), default=False)

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A company, university, college, laboratory or other body that can take part in the network.

    `kind` is a key of the profile's organisation kinds; `match_key` is derived by
    `rules.match_key` from name, region and city, and finds the organisation again. A record that
    was merged stays, with everything that names it, and points to the one that stands for both;
    that one is never merged itself.
    """

    name = models.CharField(_("name"), max_length=300)
    name_zh = models.CharField(_("Chinese name"), max_length=300, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=32)
    ownership_country = models.CharField(
        _("country of ownership"), max_length=2, blank=True, default=""
    )
    address = models.CharField(_("address"), max_length=300, blank=True, default="")
    city = models.CharField(_("city"), max_length=120, blank=True, default="")
    county = models.CharField(_("county"), max_length=120, blank=True, default="")
    region = models.CharField(_("region"), max_length=16, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True, default="")
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    website = models.CharField(_("website"), max_length=300, blank=True, default="")
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.PUBLIC
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)
    match_key = models.CharField(max_length=rules.KEY_LENGTH_MAX, editable=False)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_index=False,
        verbose_name=_("merged into"),
    )
    registered_at = models.DateTimeField(_("registered at"))
    registered_in = models.ForeignKey(
        AuditEvent,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("audit event of the registration"),
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["match_key"], name="network_organisation_match"),
            models.Index(fields=["name", "id"], name="network_organisation_name"),
            models.Index(fields=["kind", "name", "id"], name="network_organisation_kind"),
            models.Index(fields=["region", "name", "id"], name="network_organisation_region"),
            # Of what was merged alone: with the many that were not, SQLite begins at these.
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="network_organisation_merged",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _coordinates_are_whole("network_organisation_coordinates"),
            models.CheckConstraint(condition=~Q(name=""), name="network_organisation_is_named"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("id")),
                name="network_organisation_not_into_itself",
            ),
            _one_of(
                "network_organisation_level",
                "level",
                [SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.RESTRICTED],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> "Organisation":
        """The record that stands for this organisation: itself, or what it was merged into."""
        return self.merged_into or self


class OrganisationIdentifier(models.Model):
    """A number or code that a register gave the organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="identifiers"
    )
    scheme = models.CharField(_("scheme"), max_length=16)
    value = models.CharField(_("value"), max_length=32)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["scheme", "value"], name="network_identifier_value"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "scheme", "value"], name="network_identifier_once"
            ),
            models.UniqueConstraint(
                fields=["scheme", "value"],
                condition=Q(scheme__in=rules.IDENTIFYING_SCHEMES),
                name="network_identifier_identifies",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"

    @property
    def label(self) -> str:
        """The scheme as its register writes it."""
        return rules.SCHEMES[self.scheme].label


class OrganisationAlias(models.Model):
    """Another name under which the organisation is known."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(_("name"), max_length=300)
    folded = models.CharField(max_length=300, editable=False)

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["folded"], name="network_alias_folded"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "folded"], name="network_alias_once"),
        ]

    def __str__(self) -> str:
        return self.name


class OrganisationDesignation(models.Model):
    """A standing to which law gives preference."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="designations"
    )
    designation = models.CharField(
        _("designation"), max_length=32, choices=list(DESIGNATION_LABELS.items())
    )

    class Meta:
        verbose_name = _("designation")
        verbose_name_plural = _("designations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "designation"], name="network_designation_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_designation_display())


class Institute(models.Model):
    """A manufacturing innovation institute in any state, or by its `kind` an extension centre."""

    kind = models.CharField(_("kind"), max_length=16, default=rules.RecipientKind.INSTITUTE.value)
    key = models.SlugField(_("key"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True, default="")
    status = models.CharField(
        _("status"), max_length=32, choices=list(INSTITUTE_STATUS_LABELS.items())
    )
    status_note = models.CharField(_("note on the status"), max_length=300, blank=True, default="")
    status_as_of = models.DateField(_("status as of"), null=True, blank=True)
    status_precision = models.CharField(
        _("precision"), max_length=8, choices=PRECISION_CHOICES, blank=True, default=""
    )
    status_source = models.CharField(
        _("source of the status"), max_length=300, blank=True, default=""
    )
    status_confidence = _confidence()
    cure_ends_on = models.DateField(_("cure period ends on"), null=True, blank=True)
    lead = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="institutes_led",
        verbose_name=_("lead organisation"),
    )
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="institutes"
    )
    place_note = models.CharField(_("note on the place"), max_length=300, blank=True, default="")
    place_source = models.CharField(
        _("source of the place"), max_length=300, blank=True, default=""
    )
    place_confidence = _confidence()
    technology_areas = models.ManyToManyField(
        TechnologyArea, related_name="institutes", verbose_name=_("technology areas")
    )

    class Meta:
        verbose_name = _("institute")
        verbose_name_plural = _("institutes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("network_institute_kind", "kind", [kind.value for kind in rules.RecipientKind]),
            _one_of(
                "network_institute_status",
                "status",
                [status.value for status in rules.InstituteStatus],
            ),
            models.CheckConstraint(
                condition=(Q(status="cure_period") & Q(cure_ends_on__isnull=False))
                | (~Q(status="cure_period") & Q(cure_ends_on__isnull=True)),
                name="network_institute_cure_period_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InstituteSponsor(models.Model):
    """That an agency pays for an institute, and through which of its offices.

    An institute has one lead sponsor; the others fund it beside that one.
    """

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="sponsors")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="sponsored")
    role = models.CharField(_("role"), max_length=16, choices=list(SPONSOR_ROLE_LABELS.items()))
    offices = models.ManyToManyField(Agency, related_name="+", verbose_name=_("offices"))
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    source = models.CharField(_("source"), max_length=300, blank=True, default="")
    confidence = _confidence()

    class Meta:
        verbose_name = _("sponsor agency")
        verbose_name_plural = _("sponsor agencies")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["institute", "agency"], name="network_sponsor_once"),
            models.UniqueConstraint(
                fields=["institute"], condition=Q(role="lead"), name="network_sponsor_leads_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} of {self.institute_id}"


class InstituteName(models.Model):
    """A name that the institute has, had, or is also known by."""

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="names")
    name = models.CharField(_("name"), max_length=300)
    folded = models.CharField(max_length=300, editable=False)
    language = models.CharField(_("language"), max_length=16, default="en")
    kind = models.CharField(_("kind"), max_length=16, choices=list(NAME_KIND_LABELS.items()))
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    source = models.CharField(_("source"), max_length=300, blank=True, default="")
    confidence = _confidence()

    class Meta:
        verbose_name = _("name of an institute")
        verbose_name_plural = _("names of institutes")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["folded"], name="network_institute_name_folded"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["institute", "folded"], name="network_institute_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InstituteDate(models.Model):
    """A day in the institute's life, as exactly as its source gives it."""

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="dates")
    kind = models.CharField(_("kind"), max_length=32, choices=list(DATE_KIND_LABELS.items()))
    edition = models.CharField(
        _("edition"),
        max_length=8,
        choices=list(EDITION_LABELS.items()),
        default=rules.Edition.TODAY,
    )
    on = models.DateField(_("date"))
    precision = models.CharField(
        _("precision"), max_length=8, choices=list(PRECISION_LABELS.items())
    )
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    source = models.CharField(_("source"), max_length=300, blank=True, default="")
    confidence = _confidence()

    class Meta:
        verbose_name = _("date of an institute")
        verbose_name_plural = _("dates of institutes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["institute", "kind", "edition", "on"], name="network_institute_date_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class InstituteFact(models.Model):
    """One stated figure or text about the institute, with where it comes from and how sure it is.

    `kind` says which: a text (with its Chinese form), or a `number`, in minor units of the
    profile's currency where it is money.
    """

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="facts")
    measure = models.CharField(_("measure"), max_length=64)
    edition = models.CharField(_("edition"), max_length=8, choices=list(EDITION_LABELS.items()))
    kind = models.CharField(_("kind"), max_length=8, choices=list(FACT_KIND_LABELS.items()))
    text = models.CharField(_("text"), max_length=500, blank=True, default="")
    text_zh = models.CharField(_("text in Chinese"), max_length=500, blank=True, default="")
    number = models.DecimalField(
        _("number"), max_digits=24, decimal_places=4, null=True, blank=True
    )
    qualifier = models.CharField(
        _("qualifier"),
        max_length=16,
        blank=True,
        default="",
        choices=list(QUALIFIER_LABELS.items()),
    )
    source = models.CharField(_("source"), max_length=300, blank=True, default="")
    confidence = _confidence()
    note = models.CharField(_("note"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("fact about an institute")
        verbose_name_plural = _("facts about institutes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["institute", "measure", "edition"], name="network_institute_fact_once"
            ),
            models.CheckConstraint(
                condition=(Q(kind="text", number__isnull=True) & ~Q(text=""))
                | (~Q(kind="text") & Q(number__isnull=False)),
                name="network_fact_is_text_or_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.text or self.number}"
