"""The texts of reviewers: adding them one by one or many at once, and taking them off.

Texts are public writings, such as papers; what a reviewer knows is counted from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from lineshaft.apps.competitions.services import plain
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Reviewer, ReviewerText
from lineshaft.apps.reviewing.queries import may_keep_pool
from lineshaft.apps.reviewing.services.pool import held_reviewer, require_own
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

_NO_TEXT = gettext_noop("There is no such text, or none that you may see.")


@dataclass(frozen=True, slots=True)
class TextOutcome:
    """What became of texts: how many are new, changed, and as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


def add_reviewer_texts(
    actor: Actor,
    reviewer: Reviewer,
    rows: Sequence[rules.TextRow],
    *,
    now: datetime,
    why: str = "",
) -> TextOutcome:
    """Add texts to a record, all or none; one whose title is there already is replaced.

    The reviewer may, and whoever keeps the pool. Raises Invalid for what is no text.
    """
    permit(actor, rules.PERMISSIONS["add_reviewer_texts"])
    # of texts with one title in a list the last counts
    given = {
        (title := " ".join(row.title.split())): rules.TextRow(title, plain(row.text), row.year)
        for row in rows
    }
    with transaction.atomic():
        held = held_reviewer(actor, reviewer)
        _require_writer(actor, held, "add_reviewer_texts")
        known = {one.title: one for one in held.texts.all()}
        faults = rules.faults_of_texts(
            list(given.values()), held=len(known.keys() - given.keys()), this_year=now.year
        )
        if faults:
            raise Invalid(faults)
        new = [
            ReviewerText(reviewer=held, title=title, text=row.text, year=row.year, added_at=now)
            for title, row in given.items()
            if title not in known
        ]
        changed = _replaced(known, given)
        ReviewerText.objects.bulk_create(new)
        ReviewerText.objects.bulk_update(changed, ["text", "year"])
        outcome = TextOutcome(len(new), len(changed), len(given) - len(new) - len(changed))
        if new or changed:
            record_event(
                actor,
                "add_reviewer_texts",
                held,
                now=now,
                why=why,
                changes={"created": outcome.created, "updated": outcome.updated},
                count=len(new) + len(changed),
            )
    return outcome


def remove_reviewer_text(actor: Actor, text: ReviewerText, *, now: datetime) -> None:
    """Take a text off a record; the reviewer may, and whoever keeps the pool."""
    permit(actor, rules.PERMISSIONS["remove_reviewer_text"])
    with transaction.atomic():
        held = held_reviewer(actor, text.reviewer)
        _require_writer(actor, held, "remove_reviewer_text")
        row = held.texts.filter(pk=text.pk).first()
        if row is None:
            raise NotFound(_NO_TEXT, code="no_text")
        row.delete()
        record_event(actor, "remove_reviewer_text", held, now=now, changes={"text": text.pk})


def _require_writer(actor: Actor, reviewer: Reviewer, verb: str) -> None:
    if not may_keep_pool(actor, "edit_reviewer"):
        require_own(actor, reviewer, verb)


def _replaced(
    known: dict[str, ReviewerText], given: dict[str, rules.TextRow]
) -> list[ReviewerText]:
    """The stored texts whose abstract or year is another now, with what it is."""
    changed = []
    for title in known.keys() & given.keys():
        one, row = known[title], given[title]
        if (one.text, one.year) != (row.text, row.year):
            one.text, one.year = row.text, row.year
            changed.append(one)
    return changed
