"""The tables of network as they stood at the first release, each made once with all that guards it."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import lineshaft.apps.network.rules.institutes
import lineshaft.plumbing.sharing
import lineshaft.reference.institutes


class Migration(migrations.Migration):
    replaces = [("network", "0001_initial"), ("network", "0002_recipient_kind")]

    initial = True

    dependencies = [
        ("access", "0001_tables"),
        # Not needed, but quicker: whatever names the user is rendered anew by each later step.
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("usersessions", "0001_initial"),
        ("audit", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="TechnologyArea",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.SlugField(max_length=64, unique=True, verbose_name="key")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="Chinese name"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="network.technologyarea",
                    ),
                ),
            ],
            options={
                "verbose_name": "technology area",
                "verbose_name_plural": "technology areas",
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("city", models.CharField(max_length=120, verbose_name="city")),
                (
                    "city_zh",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=120,
                        verbose_name="Chinese name of the city",
                    ),
                ),
                (
                    "region",
                    models.CharField(blank=True, default="", max_length=16, verbose_name="region"),
                ),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                (
                    "latitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="longitude",
                    ),
                ),
            ],
            options={
                "verbose_name": "place",
                "verbose_name_plural": "places",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("country", "region", "city"), name="network_place_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__gte", -90),
                                ("latitude__lte", 90),
                                ("longitude__gte", -180),
                                ("longitude__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="network_place_coordinates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Agency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=32, unique=True, verbose_name="key")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="Chinese name"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offices",
                        to="network.agency",
                    ),
                ),
                (
                    "is_sponsor",
                    models.BooleanField(default=False, verbose_name="sponsors institutes"),
                ),
            ],
            options={
                "verbose_name": "agency",
                "verbose_name_plural": "agencies",
            },
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=300, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="Chinese name"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                (
                    "ownership_country",
                    models.CharField(
                        blank=True, default="", max_length=2, verbose_name="country of ownership"
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="address"
                    ),
                ),
                (
                    "city",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="city"),
                ),
                (
                    "county",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="county"),
                ),
                (
                    "region",
                    models.CharField(blank=True, default="", max_length=16, verbose_name="region"),
                ),
                (
                    "postal_code",
                    models.CharField(
                        blank=True, default="", max_length=16, verbose_name="postal code"
                    ),
                ),
                (
                    "country",
                    models.CharField(blank=True, default="", max_length=2, verbose_name="country"),
                ),
                (
                    "latitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="latitude",
                    ),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        max_digits=9,
                        null=True,
                        verbose_name="longitude",
                    ),
                ),
                (
                    "website",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="website"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("network", "Network"),
                            ("institute", "Members of the institute"),
                            ("participants", "Participants"),
                            ("restricted", "Restricted"),
                        ],
                        default=lineshaft.plumbing.sharing.SharingLevel["PUBLIC"],
                        max_length=16,
                        verbose_name="shared with",
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                ("match_key", models.CharField(editable=False, max_length=400)),
                ("registered_at", models.DateTimeField(verbose_name="registered at")),
                (
                    "registered_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="audit.auditevent",
                        verbose_name="audit event of the registration",
                    ),
                ),
            ],
            options={
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
                "indexes": [
                    models.Index(fields=["match_key"], name="network_organisation_match"),
                    models.Index(fields=["name", "id"], name="network_organisation_name"),
                    models.Index(fields=["kind", "name", "id"], name="network_organisation_kind"),
                    models.Index(
                        fields=["region", "name", "id"], name="network_organisation_region"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__gte", -90),
                                ("latitude__lte", 90),
                                ("longitude__gte", -180),
                                ("longitude__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="network_organisation_coordinates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="network_organisation_is_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                [
                                    lineshaft.plumbing.sharing.SharingLevel["PUBLIC"],
                                    lineshaft.plumbing.sharing.SharingLevel["NETWORK"],
                                    lineshaft.plumbing.sharing.SharingLevel["RESTRICTED"],
                                ],
                            )
                        ),
                        name="network_organisation_level",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationIdentifier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identifiers",
                        to="network.organisation",
                    ),
                ),
                ("scheme", models.CharField(max_length=16, verbose_name="scheme")),
                ("value", models.CharField(max_length=32, verbose_name="value")),
            ],
            options={
                "verbose_name": "identifier",
                "verbose_name_plural": "identifiers",
                "indexes": [
                    models.Index(fields=["scheme", "value"], name="network_identifier_value")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "scheme", "value"), name="network_identifier_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("scheme__in", ("uei", "ror", "unitid", "uscc"))),
                        fields=("scheme", "value"),
                        name="network_identifier_identifies",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="network.organisation",
                    ),
                ),
                ("name", models.CharField(max_length=300, verbose_name="name")),
                ("folded", models.CharField(editable=False, max_length=300)),
            ],
            options={
                "verbose_name": "alias",
                "verbose_name_plural": "aliases",
                "indexes": [models.Index(fields=["folded"], name="network_alias_folded")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "folded"), name="network_alias_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationDesignation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="designations",
                        to="network.organisation",
                    ),
                ),
                (
                    "designation",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.Designation["HBCU"],
                                "Historically Black college or university",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Designation[
                                    "TRIBAL_COLLEGE"
                                ],
                                "Tribal college",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Designation[
                                    "MINORITY_SERVING"
                                ],
                                "Minority-serving institution",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Designation[
                                    "MINORITY_BUSINESS"
                                ],
                                "Minority business enterprise",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Designation[
                                    "RURAL_SERVING"
                                ],
                                "Rural-serving institution",
                            ),
                        ],
                        max_length=32,
                        verbose_name="designation",
                    ),
                ),
            ],
            options={
                "verbose_name": "designation",
                "verbose_name_plural": "designations",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "designation"), name="network_designation_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Institute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(default="institute", max_length=16, verbose_name="kind")),
                ("key", models.SlugField(max_length=64, unique=True, verbose_name="key")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="Chinese name"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.InstituteStatus["PROPOSED"],
                                "Proposed",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.InstituteStatus["PLANNED"],
                                "Planned",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.InstituteStatus["ACTIVE"],
                                "Active",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.InstituteStatus[
                                    "CURE_PERIOD"
                                ],
                                "Cure period",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.InstituteStatus[
                                    "RECOGNISED_UNFUNDED"
                                ],
                                "Recognised, unfunded",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.InstituteStatus[
                                    "TERMINATED"
                                ],
                                "Terminated",
                            ),
                        ],
                        max_length=32,
                        verbose_name="status",
                    ),
                ),
                (
                    "status_note",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="note on the status"
                    ),
                ),
                (
                    "status_as_of",
                    models.DateField(blank=True, null=True, verbose_name="status as of"),
                ),
                (
                    "status_precision",
                    models.CharField(
                        blank=True,
                        choices=[
                            (lineshaft.reference.institutes.Precision["DAY"], "To the day"),
                            (lineshaft.reference.institutes.Precision["MONTH"], "To the month"),
                            (lineshaft.reference.institutes.Precision["YEAR"], "To the year"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="precision",
                    ),
                ),
                (
                    "status_source",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="source of the status"
                    ),
                ),
                (
                    "status_confidence",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["HIGH"],
                                "High confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["MEDIUM"],
                                "Medium confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["LOW"],
                                "Low confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["UNSTATED"],
                                "Confidence not stated",
                            ),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="confidence",
                    ),
                ),
                (
                    "cure_ends_on",
                    models.DateField(blank=True, null=True, verbose_name="cure period ends on"),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="institutes_led",
                        to="network.organisation",
                        verbose_name="lead organisation",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="institutes",
                        to="network.place",
                    ),
                ),
                (
                    "place_note",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="note on the place"
                    ),
                ),
                (
                    "place_source",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="source of the place"
                    ),
                ),
                (
                    "place_confidence",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["HIGH"],
                                "High confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["MEDIUM"],
                                "Medium confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["LOW"],
                                "Low confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["UNSTATED"],
                                "Confidence not stated",
                            ),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="confidence",
                    ),
                ),
                (
                    "technology_areas",
                    models.ManyToManyField(
                        related_name="institutes",
                        to="network.technologyarea",
                        verbose_name="technology areas",
                    ),
                ),
            ],
            options={
                "verbose_name": "institute",
                "verbose_name_plural": "institutes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["institute", "extension_centre"])),
                        name="network_institute_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "proposed",
                                    "planned",
                                    "active",
                                    "cure_period",
                                    "recognised_unfunded",
                                    "terminated",
                                ],
                            )
                        ),
                        name="network_institute_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "cure_period"), ("cure_ends_on__isnull", False)),
                            models.Q(
                                models.Q(("status", "cure_period"), _negated=True),
                                ("cure_ends_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="network_institute_cure_period_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InstituteSponsor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sponsors",
                        to="network.institute",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sponsored",
                        to="network.agency",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            (lineshaft.reference.institutes.SponsorRole["LEAD"], "Lead sponsor"),
                            (
                                lineshaft.reference.institutes.SponsorRole["CO_FUNDING"],
                                "Co-funding",
                            ),
                        ],
                        max_length=16,
                        verbose_name="role",
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="note"),
                ),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="source"),
                ),
                (
                    "confidence",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["HIGH"],
                                "High confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["MEDIUM"],
                                "Medium confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["LOW"],
                                "Low confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["UNSTATED"],
                                "Confidence not stated",
                            ),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="confidence",
                    ),
                ),
                (
                    "offices",
                    models.ManyToManyField(
                        related_name="+", to="network.agency", verbose_name="offices"
                    ),
                ),
            ],
            options={
                "verbose_name": "sponsor agency",
                "verbose_name_plural": "sponsor agencies",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institute", "agency"), name="network_sponsor_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("role", "lead")),
                        fields=("institute",),
                        name="network_sponsor_leads_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InstituteName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="names",
                        to="network.institute",
                    ),
                ),
                ("name", models.CharField(max_length=300, verbose_name="name")),
                ("folded", models.CharField(editable=False, max_length=300)),
                (
                    "language",
                    models.CharField(default="en", max_length=16, verbose_name="language"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (lineshaft.reference.institutes.NameKind["LEGAL"], "Legal name"),
                            (lineshaft.reference.institutes.NameKind["ALIAS"], "Alias"),
                            (lineshaft.reference.institutes.NameKind["FORMER"], "Former name"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="note"),
                ),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="source"),
                ),
                (
                    "confidence",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["HIGH"],
                                "High confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["MEDIUM"],
                                "Medium confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["LOW"],
                                "Low confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["UNSTATED"],
                                "Confidence not stated",
                            ),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="confidence",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of an institute",
                "verbose_name_plural": "names of institutes",
                "indexes": [models.Index(fields=["folded"], name="network_institute_name_folded")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institute", "folded"), name="network_institute_name_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InstituteDate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dates",
                        to="network.institute",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.DateKind[
                                    "SOLICITATION_OPENED"
                                ],
                                "Solicitation opened",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind["ANNOUNCED"],
                                "Announced",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind["SELECTED"],
                                "Selected",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind["AWARDED"],
                                "Awarded",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind["ESTABLISHED"],
                                "Established",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind[
                                    "CURE_PERIOD_OPENED"
                                ],
                                "Cure period opened",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind["REMEDIED"],
                                "Deficiencies remedied",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind["RECOGNISED"],
                                "Recognised",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.DateKind["TERMINATED"],
                                "Terminated",
                            ),
                        ],
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "edition",
                    models.CharField(
                        choices=[
                            (lineshaft.reference.institutes.Edition["TODAY"], "Today"),
                            (lineshaft.reference.institutes.Edition["SEED"], "Founding paper"),
                        ],
                        default=lineshaft.reference.institutes.Edition["TODAY"],
                        max_length=8,
                        verbose_name="edition",
                    ),
                ),
                ("on", models.DateField(verbose_name="date")),
                (
                    "precision",
                    models.CharField(
                        choices=[
                            (lineshaft.reference.institutes.Precision["DAY"], "To the day"),
                            (lineshaft.reference.institutes.Precision["MONTH"], "To the month"),
                            (lineshaft.reference.institutes.Precision["YEAR"], "To the year"),
                        ],
                        max_length=8,
                        verbose_name="precision",
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="note"),
                ),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="source"),
                ),
                (
                    "confidence",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["HIGH"],
                                "High confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["MEDIUM"],
                                "Medium confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["LOW"],
                                "Low confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["UNSTATED"],
                                "Confidence not stated",
                            ),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="confidence",
                    ),
                ),
            ],
            options={
                "verbose_name": "date of an institute",
                "verbose_name_plural": "dates of institutes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institute", "kind", "edition", "on"),
                        name="network_institute_date_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InstituteFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="network.institute",
                    ),
                ),
                ("measure", models.CharField(max_length=64, verbose_name="measure")),
                (
                    "edition",
                    models.CharField(
                        choices=[
                            (lineshaft.reference.institutes.Edition["TODAY"], "Today"),
                            (lineshaft.reference.institutes.Edition["SEED"], "Founding paper"),
                        ],
                        max_length=8,
                        verbose_name="edition",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (lineshaft.reference.institutes.FactKind["TEXT"], "Text"),
                            (lineshaft.reference.institutes.FactKind["MONEY"], "Money"),
                            (lineshaft.reference.institutes.FactKind["COUNT"], "Count"),
                            (lineshaft.reference.institutes.FactKind["YEARS"], "Years"),
                            (lineshaft.reference.institutes.FactKind["RATIO"], "Ratio"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "text",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="text"),
                ),
                (
                    "text_zh",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="text in Chinese"
                    ),
                ),
                (
                    "number",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=24,
                        null=True,
                        verbose_name="number",
                    ),
                ),
                (
                    "qualifier",
                    models.CharField(
                        blank=True,
                        choices=[
                            (lineshaft.apps.network.rules.institutes.Qualifier["EXACT"], "Exact"),
                            (
                                lineshaft.apps.network.rules.institutes.Qualifier["AT_LEAST"],
                                "At least",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Qualifier["AT_MOST"],
                                "At most",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Qualifier["PLANNED"],
                                "Planned",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Qualifier["COMPUTED"],
                                "Computed",
                            ),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="qualifier",
                    ),
                ),
                (
                    "source",
                    models.CharField(blank=True, default="", max_length=300, verbose_name="source"),
                ),
                (
                    "confidence",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["HIGH"],
                                "High confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["MEDIUM"],
                                "Medium confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["LOW"],
                                "Low confidence",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.Confidence["UNSTATED"],
                                "Confidence not stated",
                            ),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="confidence",
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="note"),
                ),
            ],
            options={
                "verbose_name": "fact about an institute",
                "verbose_name_plural": "facts about institutes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institute", "measure", "edition"),
                        name="network_institute_fact_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "text"),
                                ("number__isnull", True),
                                models.Q(("text", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("kind", "text"), _negated=True), ("number__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="network_fact_is_text_or_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "name_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="Chinese name"
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, default="", max_length=254, verbose_name="e-mail address"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="network.organisation",
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "indexes": [models.Index(fields=["name", "id"], name="network_person_name")],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="network_person_email_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roles",
                        to="network.person",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.network.rules.institutes.PersonRoleKind["DIRECTOR"],
                                "Director",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.PersonRoleKind["STAFF"],
                                "Staff",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.PersonRoleKind["CONTACT"],
                                "Contact",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.PersonRoleKind[
                                    "PRINCIPAL_INVESTIGATOR"
                                ],
                                "Principal investigator",
                            ),
                            (
                                lineshaft.apps.network.rules.institutes.PersonRoleKind[
                                    "BOARD_MEMBER"
                                ],
                                "Board member",
                            ),
                        ],
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people_roles",
                        to="network.institute",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people_roles",
                        to="network.organisation",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, not included"),
                ),
            ],
            options={
                "verbose_name": "role of a person",
                "verbose_name_plural": "roles of people",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("institute__isnull", True), ("organisation__isnull", False)),
                            models.Q(("institute__isnull", False), ("organisation__isnull", True)),
                            _connector="OR",
                        ),
                        name="network_person_role_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gt", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="network_person_role_span_has_days",
                    ),
                ],
            },
        ),
    ]
