"""The letter of a decision on participation, in each language of the program.

It is made in the background once the decision is committed, with the day of the decision as its
time stamp, stored under its hash, and never made again: what was sent stays what was sent. What is
missing, as a job failed or the decision is older than letters are, is asked for anew each day.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext as _

from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.models import (
    DECISION_LABELS,
    DecisionLetter,
    ParticipationDecision,
)
from lineshaft.apps.memberships.services.papers import Paper, demonstration_marks, pdf_of
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import LEVEL_LABELS, SharingLevel
from lineshaft.web import formats

LETTERS_JOB: Final = "make_decision_letters"
SCRIBE: Final = Actor.system("letters of decisions")
"""Makes what is decided into letters; who decided stands in the trail of the decision."""


def want_letters(decision: ParticipationDecision, *, now: datetime) -> None:
    """Have the letters of the decision made once the caller's transaction is committed."""
    enqueue(SCRIBE, LETTERS_JOB, {"decision": decision.pk}, now=now, unique=True)


def want_missing_letters(*, now: datetime) -> int:
    """Have every letter made that is missing, decision by decision; returns of how many decisions.

    Asked again it queues none a second time that has not begun.
    """
    languages = [language for language, _name in settings.LANGUAGES]
    lacking = ParticipationDecision.objects.annotate(
        made=Count("letters", filter=Q(letters__language__in=languages))
    ).filter(made__lt=len(languages))
    rows = list(lacking.order_by("pk"))
    for decision in rows:
        want_letters(decision, now=now)
    return len(rows)


def make_decision_letters(
    actor: Actor, decision: ParticipationDecision, *, now: datetime
) -> tuple[DecisionLetter, ...]:
    """Make and store the letter in each language in which there is none yet; returns those made."""
    made = []
    with transaction.atomic():
        row = (
            ParticipationDecision.objects.select_for_update(of=("self",))
            .select_related("review__organisation__merged_into", "review__institute")
            .get(pk=decision.pk)
        )
        institute = row.review.institute
        permit(
            actor,
            rules.PERMISSIONS["make_decision_letters"],
            institute=institute.key,
            agencies=queries.deciding_agencies(institute),
        )
        standing = set(row.letters.values_list("language", flat=True))
        for language, _name in settings.LANGUAGES:
            if language in standing:
                continue
            with translation.override(language):
                content = pdf_of(_letter(row), row.decided_at)
            stored = store_file(
                actor,
                content,
                name=f"{row.reference}-{language}.pdf",
                now=now,
                level=SharingLevel.RESTRICTED,
                purpose="decision_letter",
                institute=institute.key,
            )
            made.append(
                DecisionLetter.objects.create(
                    decision=row,
                    language=language,
                    document=stored,
                    sha256=stored.sha256,
                    made_at=now,
                )
            )
        if made:
            said = {"decision": row.number, "languages": [one.language for one in made]}
            record_event(
                actor,
                "make_decision_letters",
                row.review,
                now=now,
                institute=institute.key,
                count=len(made),
                changes=said,
            )
    return tuple(made)


def limit_sentences(
    conditions: rules.Conditions, institutes: Mapping[str, Institute]
) -> tuple[str, ...]:
    """What conditions forbid, a sentence each, for those who live with them.

    `institutes` are by key those that may be named (`queries.institutes_in`).
    """
    found = []
    if conditions.files_up_to:
        level = LEVEL_LABELS[SharingLevel(conditions.files_up_to)]
        found.append(_("Files are opened up to the level “%(level)s”.") % {"level": level})
    if not conditions.may_search:
        found.append(_("Searches find what is public only."))
    if not conditions.may_export:
        found.append(_("Nothing is exported, and no other program reads."))
    allowed = conditions.institutes
    if allowed is not None:
        allowed = tuple(
            formats.local_name(institutes[key]) if key in institutes else key for key in allowed
        )
    named = (
        (
            conditions.barred_bookings or None,
            _("Equipment of these kinds is not booked: %(names)s."),
        ),
        (conditions.projects, _("Only these projects: %(names)s.")),
        (allowed, _("Of other institutes only these: %(names)s.")),
    )
    for names, sentence in named:
        if names is not None:
            found.append(sentence % {"names": formats.joined([*names])})
    return tuple(found)


def ground_names(keys: Sequence[str]) -> str:
    """The grounds of waiver by name."""
    profile = profile_in_use()
    return formats.joined([formats.local_name(profile.waiver_ground(key)) for key in keys])


def _letter(one: ParticipationDecision) -> Paper:
    institute = formats.local_name(one.review.institute)
    organisation = formats.local_name(one.review.organisation.standing)
    return Paper(
        kicker=_("Decision %(reference)s, %(day)s")
        % {"reference": one.reference, "day": formats.date_local(one.starts_on)},
        title=_("Participation of %(organisation)s at %(institute)s: %(decision)s")
        % {
            "organisation": organisation,
            "institute": institute,
            "decision": DECISION_LABELS[one.kind],
        },
        header=(
            (_("Organisation"), organisation),
            (_("Institute"), institute),
            (_("Country of ownership"), formats.country(one.ownership_country)),
            (_("From"), formats.date_local(one.starts_on)),
            (_("Until, not included"), formats.date_local(one.ends_on)),
            (_("What was decided"), str(DECISION_LABELS[one.kind])),
        ),
        tables=_commitments(one),
        clauses=tuple(clauses_of(one)),
        closing=_("The review stands at Foreign participation, %(reference)s.")
        % {"reference": one.review.reference},
        footer=_("%(institute)s, decision %(reference)s")
        % {"institute": institute, "reference": one.reference},
        marks=demonstration_marks(is_demonstration=one.review.is_demonstration),
    )


def _commitments(one: ParticipationDecision) -> tuple[dict[str, object], ...]:
    rows = [
        [commitment.text, formats.date_local(commitment.due_on)]
        for commitment in one.commitments.order_by("due_on", "pk")
    ]
    if not rows:
        return ()
    head = [_("Commitment"), _("Due on")]
    return ({"title": _("Commitments"), "head": head, "rows": rows},)


def clauses_of(one: ParticipationDecision) -> list[tuple[str, str]]:
    """What the letter of a decision says, clause by clause: heading and text."""
    found = [(_("Reason"), one.why)]
    if one.kind == rules.CONDITIONAL:
        institutes = queries.institutes_in([one.conditions], SCRIBE)
        found.append((_("Limits"), " ".join(limit_sentences(one.conditions, institutes))))
    if one.grounds:
        found.append((_("Grounds of waiver"), ground_names(one.grounds)))
    if one.citations:
        found.append((_("Rules"), "; ".join(dict.fromkeys(one.citations))))
    return found
