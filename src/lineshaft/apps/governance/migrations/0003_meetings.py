import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lineshaft.apps.governance.rules.meetings
import lineshaft.apps.governance.rules.votes
import lineshaft.kernel.ids
import lineshaft.plumbing.sharing


class Migration(migrations.Migration):
    dependencies = [
        ("access", "__first__"),
        ("files", "0001_tables"),
        ("governance", "0002_no_overlap"),
        ("network", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verb", models.CharField(max_length=64, verbose_name="what")),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("programme_officer", "Programme officer"),
                            ("agency_sponsor", "Agency sponsor"),
                            ("institute_manager", "Institute manager"),
                            ("institute_finance", "Institute finance officer"),
                            ("member", "Member"),
                            ("researcher", "Researcher"),
                            ("reviewer", "Reviewer"),
                            ("small_manufacturer", "Small manufacturer"),
                            ("learner", "Learner"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        default="",
                        max_length=32,
                        verbose_name="role",
                    ),
                ),
                (
                    "up_to_minor",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="up to"),
                ),
                (
                    "currency",
                    models.CharField(blank=True, default="", max_length=3, verbose_name="currency"),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until, not included"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                (
                    "giver_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("programme_officer", "Programme officer"),
                            ("agency_sponsor", "Agency sponsor"),
                            ("institute_manager", "Institute manager"),
                            ("institute_finance", "Institute finance officer"),
                            ("member", "Member"),
                            ("researcher", "Researcher"),
                            ("reviewer", "Reviewer"),
                            ("small_manufacturer", "Small manufacturer"),
                            ("learner", "Learner"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        default="",
                        max_length=32,
                        verbose_name="role of who delegated it",
                    ),
                ),
                (
                    "giver_scope_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("network", "Network"),
                            ("agency", "Agency"),
                            ("institute", "Institute"),
                            ("organisation", "Organisation"),
                            ("competition", "Competition"),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="scope of who delegated it",
                    ),
                ),
                (
                    "giver_scope_id",
                    models.CharField(
                        blank=True,
                        default="",
                        max_length=64,
                        verbose_name="scope id of who delegated it",
                    ),
                ),
                ("delegated_by", models.CharField(max_length=200, verbose_name="delegated by")),
                ("delegated_at", models.DateTimeField(verbose_name="delegated at")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
                (
                    "why_revoked",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="why revoked"
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to="governance.body",
                        verbose_name="body",
                    ),
                ),
                (
                    "giver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user who delegated it",
                    ),
                ),
                (
                    "institute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to="network.institute",
                        verbose_name="institute",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to="network.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "delegation",
                "verbose_name_plural": "delegations",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), ("role", "")),
                            models.Q(
                                ("institute__isnull", False),
                                ("person__isnull", True),
                                models.Q(("role", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="governance_delegation_for_person_or_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True),
                            ("ends_on__gt", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="governance_delegation_has_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("up_to_minor__isnull", True),
                            models.Q(("currency", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="governance_delegation_amount_has_currency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("giver__isnull", True),
                                ("giver_role", ""),
                                ("giver_scope_kind", ""),
                            ),
                            models.Q(
                                ("giver__isnull", False),
                                models.Q(("giver_role", ""), _negated=True),
                                models.Q(("giver_scope_kind", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="governance_delegation_giver_has_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        default=lineshaft.kernel.ids.new_id,
                        editable=False,
                        unique=True,
                        verbose_name="calendar id",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="meeting")),
                (
                    "form",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.governance.rules.meetings.MeetingForm["IN_PERSON"],
                                "In one room",
                            ),
                            (
                                lineshaft.apps.governance.rules.meetings.MeetingForm["REMOTE"],
                                "Remote",
                            ),
                            (
                                lineshaft.apps.governance.rules.meetings.MeetingForm["HYBRID"],
                                "In one room and remote",
                            ),
                            (
                                lineshaft.apps.governance.rules.meetings.MeetingForm["WRITTEN"],
                                "Written procedure",
                            ),
                        ],
                        max_length=16,
                        verbose_name="form",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                ("zone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
                (
                    "place",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="place"),
                ),
                (
                    "link",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="link"),
                ),
                ("closes_on", models.DateField(blank=True, null=True, verbose_name="last day")),
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
                            ("called", "Called"),
                            ("open", "Open"),
                            ("closed", "Closed"),
                            ("minuted", "Minutes approved"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="called",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                ("called_at", models.DateTimeField(verbose_name="called at")),
                (
                    "opened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="opened at"),
                ),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed at"),
                ),
                ("changed_at", models.DateTimeField(verbose_name="last changed at")),
                (
                    "reason",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="why cancelled"
                    ),
                ),
                (
                    "is_demonstration",
                    models.BooleanField(default=False, verbose_name="is a demonstration record"),
                ),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="governance.body",
                        verbose_name="body",
                    ),
                ),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "indexes": [
                    models.Index(fields=["starts_at", "id"], name="governance_meeting_start")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("body", "number"), name="governance_meeting_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            ("ends_at__gt", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="governance_meeting_ends_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "form",
                                    lineshaft.apps.governance.rules.meetings.MeetingForm["WRITTEN"],
                                ),
                                _negated=True,
                            ),
                            ("closes_on__isnull", False),
                            _connector="OR",
                        ),
                        name="governance_meeting_written_has_last_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "cancelled"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="governance_meeting_cancelled_has_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActionItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="action")),
                ("text", models.CharField(max_length=500, verbose_name="what is to be done")),
                ("due_on", models.DateField(verbose_name="due on")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="done on")),
                (
                    "remark",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="remark"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="owner",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="governance.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "action",
                "verbose_name_plural": "actions",
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_on__isnull", True)),
                        fields=["due_on", "id"],
                        name="governance_action_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("meeting", "number"), name="governance_action_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="item")),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "title_zh",
                    models.CharField(
                        blank=True, default="", max_length=200, verbose_name="title in Chinese"
                    ),
                ),
                ("note", models.TextField(blank=True, default="", verbose_name="for the minutes")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="governance.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "agenda item",
                "verbose_name_plural": "agenda items",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("meeting", "number"), name="governance_item_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.governance.rules.meetings.Attending["PRESENT"],
                                "Present",
                            ),
                            (
                                lineshaft.apps.governance.rules.meetings.Attending["REMOTE"],
                                "Present from afar",
                            ),
                            (
                                lineshaft.apps.governance.rules.meetings.Attending["EXCUSED"],
                                "Excused",
                            ),
                            (
                                lineshaft.apps.governance.rules.meetings.Attending["ABSENT"],
                                "Absent",
                            ),
                            (
                                lineshaft.apps.governance.rules.meetings.Attending["LEFT"],
                                "Left early",
                            ),
                        ],
                        max_length=16,
                        verbose_name="how",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.seat",
                        verbose_name="seat",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendance",
                        to="governance.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "attendance",
                "verbose_name_plural": "attendances",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("meeting", "seat"), name="governance_attendance_once_a_seat"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("approved_at", models.DateTimeField(verbose_name="approved at")),
                ("approved_by", models.CharField(max_length=200, verbose_name="approved by")),
                (
                    "file_en",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="in English",
                    ),
                ),
                (
                    "file_zh",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="in Chinese",
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minutes",
                        to="governance.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "minutes",
                "verbose_name_plural": "minutes",
            },
        ),
        migrations.CreateModel(
            name="AgendaPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="paper")),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="file",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="governance.agendaitem",
                        verbose_name="item",
                    ),
                ),
            ],
            options={
                "verbose_name": "paper",
                "verbose_name_plural": "papers",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "number"), name="governance_paper_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nature", models.CharField(max_length=500, verbose_name="conflict")),
                ("is_recused", models.BooleanField(verbose_name="has recused")),
                ("disclosed_at", models.DateTimeField(verbose_name="disclosed at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="governance.agendaitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "disclosure of a conflict",
                "verbose_name_plural": "disclosures of conflicts",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "person"), name="governance_disclosure_once_an_item"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Motion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="motion")),
                ("text", models.TextField(verbose_name="motion")),
                (
                    "text_zh",
                    models.TextField(blank=True, default="", verbose_name="motion in Chinese"),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            (
                                lineshaft.apps.governance.rules.votes.VoteRule["SIMPLE_MAJORITY"],
                                "More for than against",
                            ),
                            (
                                lineshaft.apps.governance.rules.votes.VoteRule["TWO_THIRDS"],
                                "Two thirds for",
                            ),
                            (
                                lineshaft.apps.governance.rules.votes.VoteRule["UNANIMITY"],
                                "Nobody against",
                            ),
                        ],
                        max_length=16,
                        verbose_name="carried by",
                    ),
                ),
                ("is_secret", models.BooleanField(default=False, verbose_name="secret")),
                (
                    "in_force_on",
                    models.DateField(blank=True, null=True, verbose_name="in force from"),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="term from")),
                (
                    "ends_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="term until, not included"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("voting", "Vote open"),
                            ("decided", "Decided"),
                            ("dropped", "Dropped"),
                        ],
                        default="proposed",
                        max_length=16,
                        verbose_name="state",
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="vote opened at"),
                ),
                (
                    "closes_on",
                    models.DateField(blank=True, null=True, verbose_name="last day of the vote"),
                ),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="vote closed at"),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            (lineshaft.apps.governance.rules.votes.Outcome["CARRIED"], "Carried"),
                            (lineshaft.apps.governance.rules.votes.Outcome["LOST"], "Not carried"),
                            (
                                lineshaft.apps.governance.rules.votes.Outcome["TIED"],
                                "Tied, not carried",
                            ),
                            (
                                lineshaft.apps.governance.rules.votes.Outcome["NO_QUORUM"],
                                "No quorum",
                            ),
                        ],
                        default="",
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "votes_for",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="for"),
                ),
                (
                    "votes_against",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="against"),
                ),
                (
                    "votes_abstained",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="abstained"),
                ),
                (
                    "present_count",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="there"),
                ),
                (
                    "quorum_count",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="quorum"),
                ),
                (
                    "refused_message",
                    models.TextField(
                        blank=True, default="", verbose_name="why it was not carried out"
                    ),
                ),
                ("refused_params", models.JSONField(blank=True, default=dict)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="motions",
                        to="governance.agendaitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="motions",
                        to="governance.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="moved by",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="elections",
                        to="governance.seat",
                        verbose_name="seat to fill",
                    ),
                ),
                (
                    "seconded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="seconded by",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="motions",
                        to="governance.policyversion",
                        verbose_name="policy to adopt",
                    ),
                ),
            ],
            options={
                "verbose_name": "motion",
                "verbose_name_plural": "motions",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("meeting", "number"), name="governance_motion_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", "decided"),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "decided"), _negated=True),
                                ("closed_at__isnull", True),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="governance_motion_decided_has_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version__isnull", True),
                            models.Q(("in_force_on__isnull", False), ("seat__isnull", True)),
                            _connector="OR",
                        ),
                        name="governance_motion_is_of_one_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seat__isnull", True), ("starts_on__isnull", False), _connector="OR"
                        ),
                        name="governance_motion_election_has_term",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ballot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lineshaft.kernel.ids.random_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("choice", models.CharField(max_length=8, verbose_name="vote")),
                (
                    "motion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ballots",
                        to="governance.motion",
                        verbose_name="motion",
                    ),
                ),
            ],
            options={
                "verbose_name": "ballot",
                "verbose_name_plural": "ballots",
            },
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="candidate")),
                (
                    "votes",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="votes"),
                ),
                ("is_elected", models.BooleanField(default=False, verbose_name="elected")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "motion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="governance.motion",
                        verbose_name="election",
                    ),
                ),
            ],
            options={
                "verbose_name": "candidate",
                "verbose_name_plural": "candidates",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("motion", "number"), name="governance_candidate_number"
                    ),
                    models.UniqueConstraint(
                        fields=("motion", "person"), name="governance_candidate_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_elected", True)),
                        fields=("motion",),
                        name="governance_candidate_one_elected",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RollEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="place on the roll")),
                ("weight", models.PositiveIntegerField(default=1, verbose_name="votes")),
                ("has_voted", models.BooleanField(default=False, verbose_name="has voted")),
                (
                    "motion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roll",
                        to="governance.motion",
                        verbose_name="motion",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="network.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "place on a roll",
                "verbose_name_plural": "places on a roll",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("motion", "number"), name="governance_roll_number"
                    ),
                    models.UniqueConstraint(
                        fields=("motion", "person"), name="governance_roll_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weight__gte", 1), ("weight__lte", 1000000)),
                        name="governance_roll_weight",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UrnBallot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lineshaft.kernel.ids.random_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("choice", models.CharField(max_length=8, verbose_name="vote")),
                (
                    "motion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="urn",
                        to="governance.motion",
                        verbose_name="motion",
                    ),
                ),
            ],
            options={
                "verbose_name": "ballot in the urn",
                "verbose_name_plural": "ballots in the urn",
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("choice", models.CharField(max_length=8, verbose_name="vote")),
                ("cast_at", models.DateTimeField(verbose_name="cast at")),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vote",
                        to="governance.rollentry",
                        verbose_name="place on the roll",
                    ),
                ),
            ],
            options={
                "verbose_name": "vote",
                "verbose_name_plural": "votes",
            },
        ),
        migrations.AddField(
            model_name="body",
            name="counts_recused",
            field=models.BooleanField(
                default=False, verbose_name="who has recused counts to the quorum"
            ),
        ),
        migrations.AddField(
            model_name="body",
            name="has_casting_vote",
            field=models.BooleanField(default=False, verbose_name="the chair breaks a tie"),
        ),
        migrations.AddField(
            model_name="body",
            name="quorum_above_bp",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="quorum above"
            ),
        ),
        migrations.AddConstraint(
            model_name="body",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quorum_above_bp__isnull", True),
                    ("quorum_above_bp__lt", 10000),
                    _connector="OR",
                ),
                name="governance_body_quorum_can_be_met",
            ),
        ),
    ]
