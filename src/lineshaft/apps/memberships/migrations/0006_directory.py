"""The directory of members, and the board of needs and offers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.apps.memberships.rules.needs
import lineshaft.plumbing.sharing


class Migration(migrations.Migration):
    dependencies = [
        ("access", "__first__"),
        ("memberships", "0005_participation"),
        ("network", "0003_keys_of_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="Need",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.memberships.rules.needs.NeedKind["WANTED"],
                                "Looking for",
                            ),
                            (lineshaft.apps.memberships.rules.needs.NeedKind["OFFERED"], "Offers"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=150, verbose_name="title")),
                ("text", models.TextField(max_length=2000, verbose_name="text")),
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
                        default=lineshaft.plumbing.sharing.SharingLevel["NETWORK"],
                        max_length=16,
                        verbose_name="shared with",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.memberships.rules.needs.NeedState["OPEN"],
                                "Open for answers",
                            ),
                            (lineshaft.apps.memberships.rules.needs.NeedState["CLOSED"], "Closed"),
                        ],
                        default="open",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("posted_at", models.DateTimeField(verbose_name="posted at")),
                ("expires_on", models.DateField(verbose_name="until, not included")),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                ),
                (
                    "close_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                lineshaft.apps.memberships.rules.needs.CloseReason["FOUND_HERE"],
                                "A partner was found here",
                            ),
                            (
                                lineshaft.apps.memberships.rules.needs.CloseReason[
                                    "FOUND_ELSEWHERE"
                                ],
                                "A partner was found elsewhere",
                            ),
                            (
                                lineshaft.apps.memberships.rules.needs.CloseReason["WITHDRAWN"],
                                "It is not wanted any more",
                            ),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="why it was closed",
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="posted by",
                    ),
                ),
                (
                    "technology_area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="network.technologyarea",
                        verbose_name="technology area",
                    ),
                ),
            ],
            options={
                "verbose_name": "need or offer",
                "verbose_name_plural": "needs and offers",
                "indexes": [
                    models.Index(fields=["state", "expires_on"], name="memberships_need_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                [
                                    lineshaft.plumbing.sharing.SharingLevel["PUBLIC"],
                                    lineshaft.plumbing.sharing.SharingLevel["NETWORK"],
                                ],
                            )
                        ),
                        name="memberships_need_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("close_reason", ""),
                                ("closed_at__isnull", True),
                                ("state", lineshaft.apps.memberships.rules.needs.NeedState["OPEN"]),
                            ),
                            models.Q(
                                ("closed_at__isnull", False),
                                (
                                    "state",
                                    lineshaft.apps.memberships.rules.needs.NeedState["CLOSED"],
                                ),
                                models.Q(("close_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="memberships_need_closed_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DirectoryEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("description", models.CharField(max_length=1000, verbose_name="description")),
                (
                    "description_zh",
                    models.CharField(
                        blank=True, default="", max_length=1000, verbose_name="Chinese description"
                    ),
                ),
                (
                    "capabilities",
                    models.CharField(
                        blank=True, default="", max_length=500, verbose_name="capabilities"
                    ),
                ),
                (
                    "contact_name",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="contact"
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True,
                        default="",
                        max_length=254,
                        verbose_name="e-mail address of the contact",
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
                        default=lineshaft.plumbing.sharing.SharingLevel["NETWORK"],
                        max_length=16,
                        verbose_name="shared with",
                    ),
                ),
                (
                    "is_listed",
                    models.BooleanField(default=True, verbose_name="stands in the directory"),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                ("listed_at", models.DateTimeField(verbose_name="listed at")),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="directory_entry",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "technology_areas",
                    models.ManyToManyField(
                        related_name="directory_entries",
                        to="network.technologyarea",
                        verbose_name="technology areas",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry in the directory",
                "verbose_name_plural": "entries in the directory",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                [
                                    lineshaft.plumbing.sharing.SharingLevel["PUBLIC"],
                                    lineshaft.plumbing.sharing.SharingLevel["NETWORK"],
                                ],
                            )
                        ),
                        name="memberships_directory_level",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NeedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="text")),
                (
                    "contact_email",
                    models.EmailField(max_length=254, verbose_name="e-mail address of the contact"),
                ),
                ("answered_at", models.DateTimeField(verbose_name="answered at")),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="memberships.need",
                        verbose_name="need or offer",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="need_answers",
                        to="network.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer to a need",
                "verbose_name_plural": "answers to needs",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("need", "organisation"), name="memberships_need_answered_once"
                    )
                ],
            },
        ),
    ]
