"""Applications: the team, what it writes, its versions, and what it hands in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.apps.competitions.rules.applications


class Migration(migrations.Migration):
    dependencies = [
        ("competitions", "0001_tables"),
        ("files", "0002_sealed"),
        ("network", "0006_award_overlaps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="application")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "title_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="title in Chinese"
                    ),
                ),
                ("abstract", models.TextField(blank=True, default="", verbose_name="abstract")),
                (
                    "abstract_zh",
                    models.TextField(blank=True, default="", verbose_name="abstract in Chinese"),
                ),
                (
                    "federal_minor",
                    models.BigIntegerField(default=0, verbose_name="amount asked for"),
                ),
                (
                    "cash_minor",
                    models.BigIntegerField(default=0, verbose_name="other money in cash"),
                ),
                (
                    "in_kind_minor",
                    models.BigIntegerField(default=0, verbose_name="other money in kind"),
                ),
                (
                    "term_months",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="term in months"
                    ),
                ),
                (
                    "trl_from",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="TRL at the start"
                    ),
                ),
                (
                    "trl_to",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="TRL at the end"
                    ),
                ),
                (
                    "mrl_from",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="MRL at the start"
                    ),
                ),
                (
                    "mrl_to",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="MRL at the end"
                    ),
                ),
                (
                    "work",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.competitions.rules.applications.Work["RESEARCH"],
                                "Research and development",
                            ),
                            (
                                lineshaft.apps.competitions.rules.applications.Work[
                                    "DEMONSTRATION"
                                ],
                                "Demonstration and commercial application",
                            ),
                        ],
                        default=lineshaft.apps.competitions.rules.applications.Work["RESEARCH"],
                        max_length=16,
                        verbose_name="kind of work",
                    ),
                ),
                (
                    "waiver_ground",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="ground of a waiver"
                    ),
                ),
                (
                    "waiver_reason",
                    models.TextField(blank=True, default="", verbose_name="why a waiver"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("writing", "Being written"),
                            ("submitted", "Submitted"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="writing",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.competitions.rules.applications.Outcome["SELECTED"],
                                "Selected",
                            ),
                            (
                                lineshaft.apps.competitions.rules.applications.Outcome[
                                    "NOT_SELECTED"
                                ],
                                "Not selected",
                            ),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                ("changed_at", models.DateTimeField(verbose_name="last changed at")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at"),
                ),
                (
                    "why_withdrawn",
                    models.CharField(
                        blank=True, default="", max_length=1000, verbose_name="why withdrawn"
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "begun_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="begun by",
                    ),
                ),
                (
                    "competition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="competitions.competition",
                        verbose_name="competition",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications_led",
                        to="network.organisation",
                        verbose_name="lead organisation",
                    ),
                ),
                (
                    "technology_areas",
                    models.ManyToManyField(
                        related_name="applications",
                        to="network.technologyarea",
                        verbose_name="technology areas",
                    ),
                ),
            ],
            options={
                "verbose_name": "application",
                "verbose_name_plural": "applications",
            },
        ),
        migrations.CreateModel(
            name="ApplicationDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=64, verbose_name="kind")),
                ("pages", models.PositiveIntegerField(blank=True, null=True, verbose_name="pages")),
                ("attached_at", models.DateTimeField(verbose_name="attached at")),
                ("attached_by", models.CharField(max_length=200, verbose_name="attached by")),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken off at"),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="file",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ApplicationPartner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="what it brings"
                    ),
                ),
                ("shares", models.JSONField(default=list, verbose_name="what it sees")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="partners",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "partner of an application",
                "verbose_name_plural": "partners of applications",
            },
        ),
        migrations.CreateModel(
            name="ApplicationSection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=32, verbose_name="section")),
                ("text", models.TextField(blank=True, default="", verbose_name="text")),
                ("revision", models.PositiveIntegerField(default=0, verbose_name="revision")),
                ("changed_at", models.DateTimeField(verbose_name="last changed at")),
                ("changed_by", models.CharField(max_length=200, verbose_name="last changed by")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sections",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
            ],
            options={
                "verbose_name": "section of an application",
                "verbose_name_plural": "sections of applications",
            },
        ),
        migrations.CreateModel(
            name="ApplicationVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("part", models.CharField(max_length=32, verbose_name="part")),
                ("content", models.JSONField(verbose_name="content")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("made_by", models.CharField(max_length=200, verbose_name="made by")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
                (
                    "made_by_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of an application",
                "verbose_name_plural": "versions of applications",
            },
        ),
        migrations.CreateModel(
            name="BudgetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.competitions.rules.applications.Source["FEDERAL"],
                                "Federal",
                            ),
                            (
                                lineshaft.apps.competitions.rules.applications.Source["CASH"],
                                "Others, in cash",
                            ),
                            (
                                lineshaft.apps.competitions.rules.applications.Source["IN_KIND"],
                                "Others, in kind",
                            ),
                        ],
                        max_length=16,
                        verbose_name="source",
                    ),
                ),
                ("category", models.CharField(max_length=32, verbose_name="class of cost")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budget",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a budget",
                "verbose_name_plural": "lines of budgets",
            },
        ),
        migrations.CreateModel(
            name="CommitmentLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("giver_name", models.CharField(max_length=300, verbose_name="giver")),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                ("signatory", models.CharField(max_length=120, verbose_name="signed by")),
                ("signed_on", models.DateField(verbose_name="signed on")),
                (
                    "is_federal",
                    models.BooleanField(default=False, verbose_name="of federal origin"),
                ),
                (
                    "conditions",
                    models.CharField(
                        blank=True, default="", max_length=1000, verbose_name="conditions"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commitments",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
                (
                    "giver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.organisation",
                        verbose_name="giver",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter of commitment",
                "verbose_name_plural": "letters of commitment",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CommitmentAmount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="amounts",
                        to="competitions.commitmentletter",
                        verbose_name="letter of commitment",
                    ),
                ),
            ],
            options={
                "verbose_name": "amount of a letter",
                "verbose_name_plural": "amounts of letters",
                "ordering": ["year"],
            },
        ),
        migrations.CreateModel(
            name="EligibleLead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="kind of organisation")),
                (
                    "competition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="eligible_leads",
                        to="competitions.competition",
                        verbose_name="competition",
                    ),
                ),
            ],
            options={
                "verbose_name": "kind of lead",
                "verbose_name_plural": "kinds of leads",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="RevenueLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stream", models.CharField(max_length=32, verbose_name="stream")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revenue",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a plan of revenue",
                "verbose_name_plural": "lines of plans of revenue",
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("content", models.JSONField(verbose_name="content")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("submitted_at", models.DateTimeField(verbose_name="submitted at")),
                ("submitted_by", models.CharField(max_length=200, verbose_name="submitted by")),
                ("is_late", models.BooleanField(default=False, verbose_name="arrived late")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at"),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="competitions.stage",
                        verbose_name="stage",
                    ),
                ),
            ],
            options={
                "verbose_name": "submission",
                "verbose_name_plural": "submissions",
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "email",
                    models.EmailField(
                        blank=True, default="", max_length=254, verbose_name="e-mail address"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.competitions.rules.applications.TeamRole["LEAD"],
                                "Leads",
                            ),
                            (
                                lineshaft.apps.competitions.rules.applications.TeamRole["EDITOR"],
                                "Writes",
                            ),
                            (
                                lineshaft.apps.competitions.rules.applications.TeamRole["READER"],
                                "Reads",
                            ),
                        ],
                        max_length=16,
                        verbose_name="may",
                    ),
                ),
                (
                    "duty",
                    models.CharField(
                        blank=True, default="", max_length=300, verbose_name="part in the work"
                    ),
                ),
                (
                    "invited_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="invited at"),
                ),
                (
                    "joined_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="joined at"),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="team",
                        to="competitions.application",
                        verbose_name="application",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of a team",
                "verbose_name_plural": "members of teams",
            },
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                fields=("competition", "number"), name="competitions_application_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cash_minor__gte", 0), ("federal_minor__gte", 0), ("in_kind_minor__gte", 0)
                ),
                name="competitions_application_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("trl_from__isnull", True),
                        ("trl_to__gte", models.F("trl_from")),
                        _connector="OR",
                    ),
                    models.Q(
                        ("mrl_from__isnull", True),
                        ("mrl_to__gte", models.F("mrl_from")),
                        _connector="OR",
                    ),
                ),
                name="competitions_application_readiness",
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationpartner",
            constraint=models.UniqueConstraint(
                fields=("application", "organisation"), name="competitions_partner_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationsection",
            constraint=models.UniqueConstraint(
                fields=("application", "key"), name="competitions_section_once"
            ),
        ),
        migrations.AddIndex(
            model_name="applicationversion",
            index=models.Index(
                fields=["application", "part", "-number"], name="competitions_version_of_part"
            ),
        ),
        migrations.AddConstraint(
            model_name="applicationversion",
            constraint=models.UniqueConstraint(
                fields=("application", "number"), name="competitions_version_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetline",
            constraint=models.UniqueConstraint(
                fields=("application", "source", "category", "year"),
                name="competitions_budget_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0), ("year__gte", 1)),
                name="competitions_budget_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="commitmentamount",
            constraint=models.UniqueConstraint(
                fields=("letter", "year"), name="competitions_letter_year_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitmentamount",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0), ("year__gte", 1)),
                name="competitions_letter_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="eligiblelead",
            constraint=models.UniqueConstraint(
                fields=("competition", "kind"), name="competitions_eligible_lead_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="revenueline",
            constraint=models.UniqueConstraint(
                fields=("application", "stream", "year"), name="competitions_revenue_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="revenueline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0), ("year__gte", 1)),
                name="competitions_revenue_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.UniqueConstraint(
                fields=("application", "stage", "number"), name="competitions_submission_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("application", "user"),
                name="competitions_team_user_once",
            ),
        ),
    ]
