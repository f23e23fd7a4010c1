"""Reads of awards: what was opened from which application, and how far its money is obligated."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from lineshaft.apps.awarding.models import Award, PlannedObligation, SelectionRecord
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.queries import may_read_submissions, open_to
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.funding.models import Agreement, Transfer, TransferProposal
from lineshaft.apps.funding.rules import AgreementState, ProposalState
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.rules import InstituteStatus, RecipientKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_AWARD: Final = gettext_noop("There is no such award, or none that you may see.")
NO_OBLIGATION: Final = gettext_noop("The award foresees no obligation of that year.")
_TAKEN_UP: Final = frozenset(
    {InstituteStatus.PROPOSED, InstituteStatus.PLANNED, InstituteStatus.ACTIVE}
)


@dataclass(frozen=True, slots=True)
class Winner:
    """An application that was selected, with its award once that is opened."""

    record: SelectionRecord
    award: Award | None

    @property
    def application(self) -> Application:
        """The application that was selected."""
        return self.record.application


def winners_of(actor: Actor, competition: Competition) -> list[Winner]:
    """The applications that were selected, as far as they are open to whoever runs the competition;
    raises NotFound for anybody else.
    """
    if not may_read_submissions(actor, competition):
        raise NotFound(NO_AWARD, code="no_award")
    rows = SelectionRecord.objects.filter(
        application__competition=competition, outcome=Outcome.SELECTED
    )
    records = list(
        open_to(actor, rows).select_related("application__lead").order_by("application__number")
    )
    awards = awards_whole().in_bulk(
        [one.application_id for one in records], field_name="application_id"
    )
    return [Winner(one, awards.get(one.application_id)) for one in records]


def winner_by_application(actor: Actor, competition: Competition, pk: int) -> Winner:
    """One of them; raises NotFound."""
    for one in winners_of(actor, competition):
        if one.application.pk == pk:
            return one
    raise NotFound(NO_AWARD, code="no_award")


def awards_whole() -> QuerySet[Award]:
    """Every award with its agreement, its institute and the obligations that it foresees."""
    return Award.objects.select_related("agreement", "institute").prefetch_related(
        Prefetch("obligations", PlannedObligation.objects.order_by("year"))
    )


def obligation_of(award: Award | None, year: int) -> PlannedObligation:
    """The obligation that the award foresees for that year; raises NotFound."""
    for one in award.obligations.all() if award else ():
        if one.year == year:
            return one
    raise NotFound(NO_OBLIGATION, code="no_obligation")


def booked_of(winners: list[Winner]) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Which of the foreseen obligations stand in the ledger, and which wait there for a second
    person.
    """
    ids = [
        planned.transfer_id
        for one in winners
        for planned in (one.award.obligations.all() if one.award else ())
    ]
    booked = Transfer.objects.filter(pk__in=ids).values_list("pk", flat=True)
    waiting = TransferProposal.objects.filter(pk__in=ids, state=ProposalState.PROPOSED)
    return frozenset(booked), frozenset(waiting.values_list("pk", flat=True))


def institutes_led(application: Application) -> QuerySet[Institute]:
    """The institutes that the lead of the application leads and that can take the award up."""
    return Institute.objects.filter(
        lead_id=application.lead.standing.pk,
        kind=RecipientKind.INSTITUTE,
        status__in=_TAKEN_UP,
    ).order_by("name", "pk")


def agreement_in_force(institute: Institute) -> Agreement | None:
    """The institute's agreement under which its projects are paid; None without exactly one."""
    found = list(Agreement.objects.filter(institute=institute, state=AgreementState.ACTIVE)[:2])
    return found[0] if len(found) == 1 else None
