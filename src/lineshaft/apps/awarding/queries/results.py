"""Reads of published results: who was selected, and in numbers who applied and who judged.

They are public where the competition is, and hold nothing of who was not selected.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from lineshaft.apps.awarding.models import SelectionRecord
from lineshaft.apps.awarding.queries.selection import last_submissions, records_of
from lineshaft.apps.competitions.models import Competition, Submission
from lineshaft.apps.competitions.queries import (
    ConflictCounts,
    opportunity_by_key,
    published_conflicts,
)
from lineshaft.apps.competitions.rules import TERMS, Outcome
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.apps.reviewing.rules import SUBMITTED, Sector
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_RESULTS: Final = gettext_noop("The results of this competition are not published.")


@dataclass(frozen=True, slots=True)
class Result:
    """An application that was selected, as it was handed in."""

    record: SelectionRecord
    submission: Submission

    @property
    def lead(self) -> Organisation:
        """The organisation that leads it."""
        return self.record.application.lead

    @property
    def name(self) -> str:
        """Its title, under the name by which pages choose a language."""
        return str(self.submission.content[TERMS]["title"])

    @property
    def name_zh(self) -> str:
        """Its Chinese title, empty where there is none."""
        return str(self.submission.content[TERMS]["title_zh"])


@dataclass(frozen=True, slots=True)
class Results:
    """What is published of a competition; `reviewers` are those who submitted a review, by
    sector.
    """

    competition: Competition
    selected: tuple[Result, ...]
    applications: int
    reviewers: dict[Sector, int]
    conflicts: ConflictCounts

    @property
    def amount_minor(self) -> int:
        """What was awarded in all."""
        return sum(one.record.amount_minor or 0 for one in self.selected)


def results_of(actor: Actor, key: str) -> Results:
    """The results of a competition that the actor may see; raises NotFound before they are
    published.
    """
    competition = opportunity_by_key(actor, key)
    conflicts = published_conflicts(competition)
    if conflicts is None:
        raise NotFound(NO_RESULTS, code="no_results")
    records = list(records_of(competition))
    chosen = [one for one in records if one.outcome == Outcome.SELECTED]
    handed_in = last_submissions([one.application_id for one in chosen])
    sectors = (
        Reviewer.objects.filter(
            seats__stage__competition=competition,
            seats__assignments__removed_at__isnull=True,
            seats__assignments__review__state=SUBMITTED,
        )
        .distinct()
        .values_list("pk", "sector")
    )
    counts = Counter(sector for _pk, sector in sectors)
    return Results(
        competition,
        tuple(Result(one, handed_in[one.application_id]) for one in chosen),
        len(records),
        {sector: counts[sector] for sector in Sector if counts[sector]},
        conflicts,
    )
