"""Motions and elections of a meeting, and the votes on them, open or secret.

Invariants: a motion's words never change; its roll is frozen when the vote opens, and of an entry
only that it has voted changes; an open vote is appended, never changed.

Secret: a ballot has a random key and what was voted, and nothing else: no voter, no time, no order.
While the vote is open, ballots lie in an urn, which each vote stirs: all ballots are taken out and
put back in a random order under new keys. At the close they are counted into a table that is never
changed, in another random order under yet other keys, and the urn is emptied. So no row, key or
row number that can be read from the database then links voter and vote. What was emptied is wiped
as far as the database lets a program do it (`plumbing.wiping` says how far). What the files and the
log of the database held while the vote was open, and what a backup or a copy took from them, may
tell the order of the ballots; that this is gone is not claimed.
Nothing else keeps what was voted either: the API stores no digest of the request (`api.meetings`).
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models.bodies import Seat
from lineshaft.apps.governance.models.meetings import AgendaItem, Meeting
from lineshaft.apps.governance.models.policies import PolicyVersion
from lineshaft.apps.network.models import Person
from lineshaft.kernel.ids import random_id
from lineshaft.kernel.text import Translate, fill, untranslated
from lineshaft.plumbing.triggers import append_only

RULE_LABELS = {
    rules.VoteRule.SIMPLE_MAJORITY: _("More for than against"),
    rules.VoteRule.TWO_THIRDS: _("Two thirds for"),
    rules.VoteRule.UNANIMITY: _("Nobody against"),
}
MOTION_STATE_LABELS = {
    rules.PROPOSED: _("Proposed"),
    rules.VOTING: _("Vote open"),
    rules.DECIDED: _("Decided"),
    rules.DROPPED: _("Dropped"),
}
OUTCOME_LABELS = {
    rules.Outcome.CARRIED: _("Carried"),
    rules.Outcome.LOST: _("Not carried"),
    rules.Outcome.TIED: _("Tied, not carried"),
    rules.Outcome.NO_QUORUM: _("No quorum"),
}
CHOICE_LABELS = {
    rules.Choice.FOR: pgettext_lazy("vote", "For"),
    rules.Choice.AGAINST: _("Against"),
    rules.Choice.ABSTAIN: _("Abstain"),
}


class Motion(models.Model):
    """What a meeting votes on: words to agree to, a policy to adopt, or a seat to fill."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="motions", verbose_name=_("meeting")
    )
    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="motions", verbose_name=_("item")
    )
    number = models.PositiveIntegerField(_("motion"))
    text = models.TextField(_("motion"))
    text_zh = models.TextField(_("motion in Chinese"), blank=True, default="")
    moved_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("moved by"),
    )
    seconded_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seconded by"),
    )
    rule = models.CharField(_("carried by"), max_length=16, choices=list(RULE_LABELS.items()))
    is_secret = models.BooleanField(_("secret"), default=False)
    version = models.ForeignKey(
        PolicyVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="motions",
        verbose_name=_("policy to adopt"),
    )
    in_force_on = models.DateField(_("in force from"), null=True, blank=True)
    seat = models.ForeignKey(
        Seat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="elections",
        verbose_name=_("seat to fill"),
    )
    starts_on = models.DateField(_("term from"), null=True, blank=True)
    ends_on = models.DateField(_("term until, not included"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=16, choices=list(MOTION_STATE_LABELS.items()), default=rules.PROPOSED
    )
    opened_at = models.DateTimeField(_("vote opened at"), null=True, blank=True)
    closes_on = models.DateField(_("last day of the vote"), null=True, blank=True)
    closed_at = models.DateTimeField(_("vote closed at"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=list(OUTCOME_LABELS.items()), blank=True, default=""
    )
    votes_for = models.PositiveBigIntegerField(_("for"), null=True, blank=True)
    votes_against = models.PositiveBigIntegerField(_("against"), null=True, blank=True)
    votes_abstained = models.PositiveBigIntegerField(_("abstained"), null=True, blank=True)
    present_count = models.PositiveIntegerField(_("there"), null=True, blank=True)
    quorum_count = models.PositiveIntegerField(_("quorum"), null=True, blank=True)
    refused_message = models.TextField(_("why it was not carried out"), blank=True, default="")
    refused_params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("motion")
        verbose_name_plural = _("motions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "number"], name="governance_motion_number"),
            models.CheckConstraint(
                condition=Q(state=rules.DECIDED, closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(state=rules.DECIDED) & Q(outcome="", closed_at__isnull=True),
                name="governance_motion_decided_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(version__isnull=True) | Q(seat__isnull=True, in_force_on__isnull=False),
                name="governance_motion_is_of_one_kind",
            ),
            models.CheckConstraint(
                condition=Q(seat__isnull=True) | Q(starts_on__isnull=False),
                name="governance_motion_election_has_term",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.number}"

    def get_absolute_url(self) -> str:
        """The motion's page."""
        meeting = self.meeting
        return reverse(
            "governance:show_motion", args=[meeting.body.key, meeting.number, self.number]
        )

    @property
    def is_election(self) -> bool:
        """True where somebody is elected to a seat."""
        return self.seat_id is not None

    def refused_text(self, translate: Translate = untranslated) -> str:
        """Why what was carried could not be carried out, empty where it was."""
        if not self.refused_message:
            return ""
        return fill(self.refused_message, self.refused_params, translate)

    @property
    def name(self) -> str:
        """The words under the name by which pages choose a language."""
        return self.text

    @property
    def name_zh(self) -> str:
        """The Chinese words, empty where there are none."""
        return self.text_zh


class Candidate(models.Model):
    """Somebody who stands for the seat of an election."""

    motion = models.ForeignKey(
        Motion, on_delete=models.PROTECT, related_name="candidates", verbose_name=_("election")
    )
    number = models.PositiveIntegerField(_("candidate"))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    votes = models.PositiveBigIntegerField(_("votes"), null=True, blank=True)
    is_elected = models.BooleanField(_("elected"), default=False)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["motion", "number"], name="governance_candidate_number"
            ),
            models.UniqueConstraint(fields=["motion", "person"], name="governance_candidate_once"),
            models.UniqueConstraint(
                fields=["motion"],
                condition=Q(is_elected=True),
                name="governance_candidate_one_elected",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.motion_id}: {self.number}"


class RollEntry(models.Model):
    """Somebody who may vote on a motion, with which weight; and whether they have."""

    motion = models.ForeignKey(
        Motion, on_delete=models.PROTECT, related_name="roll", verbose_name=_("motion")
    )
    number = models.PositiveIntegerField(_("place on the roll"))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    seat = models.ForeignKey(
        Seat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seat"),
    )
    weight = models.PositiveIntegerField(_("votes"), default=1)
    has_voted = models.BooleanField(_("has voted"), default=False)

    class Meta:
        verbose_name = _("place on a roll")
        verbose_name_plural = _("places on a roll")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["motion", "number"], name="governance_roll_number"),
            models.UniqueConstraint(fields=["motion", "person"], name="governance_roll_once"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=rules.WEIGHT_MAX),
                name="governance_roll_weight",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.motion_id}: {self.number}"


class Vote(models.Model):
    """An open vote: what somebody on the roll has voted, and when."""

    entry = models.OneToOneField(
        RollEntry,
        on_delete=models.PROTECT,
        related_name="vote",
        verbose_name=_("place on the roll"),
    )
    choice = models.CharField(_("vote"), max_length=rules.CHOICE_MAX)
    cast_at = models.DateTimeField(_("cast at"))

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.choice}"


class UrnBallot(models.Model):
    """A secret ballot while the vote is open; stirred with all others at each vote."""

    id = models.UUIDField(primary_key=True, default=random_id, editable=False)
    motion = models.ForeignKey(
        Motion, on_delete=models.PROTECT, related_name="urn", verbose_name=_("motion")
    )
    choice = models.CharField(_("vote"), max_length=rules.CHOICE_MAX)

    class Meta:
        verbose_name = _("ballot in the urn")
        verbose_name_plural = _("ballots in the urn")

    def __str__(self) -> str:
        return self.choice


class Ballot(models.Model):
    """A secret ballot that was counted."""

    id = models.UUIDField(primary_key=True, default=random_id, editable=False)
    motion = models.ForeignKey(
        Motion, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("motion")
    )
    choice = models.CharField(_("vote"), max_length=rules.CHOICE_MAX)

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")

    def __str__(self) -> str:
        return self.choice


VOTE_TRIGGERS = (
    *append_only(
        "governance_motion",
        updatable_columns=(
            "state",
            "opened_at",
            "closes_on",
            "closed_at",
            "outcome",
            "votes_for",
            "votes_against",
            "votes_abstained",
            "present_count",
            "quorum_count",
            "refused_message",
            "refused_params",
        ),
    ),
    *append_only("governance_candidate", updatable_columns=("votes", "is_elected")),
    *append_only("governance_rollentry", updatable_columns=("has_voted",)),
    *append_only("governance_vote"),
    *append_only("governance_ballot"),
)
