"""Reads of awards: what was opened from which application, and how far its money is obligated."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import Award, PlannedObligation, SelectionRecord
from lineshaft.apps.competitions.models import Application, Competition, CompetitionSponsor
from lineshaft.apps.competitions.queries import may_read_submissions, open_to
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.apps.funding.models import Agreement, Transfer, TransferProposal
from lineshaft.apps.funding.rules import AgreementState, ProposalState, TransferCode
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.apps.network.rules import InstituteStatus, RecipientKind
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_AWARD: Final = gettext_noop("There is no such award, or none that you may see.")
NO_OBLIGATION: Final = gettext_noop("The award foresees no such obligation of that year.")
_WHOSE: Final = gettext_noop("Several agencies give money in that year. Name one of: %(agencies)s.")
_TAKEN_UP: Final = frozenset(
    {InstituteStatus.PROPOSED, InstituteStatus.PLANNED, InstituteStatus.ACTIVE}
)
_DEAD: Final = frozenset({ProposalState.REJECTED, ProposalState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Winner:
    """An application that was selected, with its award once that is opened."""

    record: SelectionRecord
    award: Award | None

    @property
    def application(self) -> Application:
        """The application that was selected."""
        return self.record.application


@dataclass(frozen=True, slots=True)
class Booking:
    """How far a foreseen obligation is: the id of its transfer, whether that stands in the ledger,
    and whether it waits there for a second person.
    """

    id: UUID
    is_booked: bool = False
    is_waiting: bool = False

    @property
    def state(self) -> rules.ObligationState:
        """The same in one word."""
        if self.is_booked:
            return rules.ObligationState.OBLIGATED
        waits = self.is_waiting
        return rules.ObligationState.PROPOSED if waits else rules.ObligationState.FORESEEN


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
    """Every award with its agreement, its institute and the obligations that it foresees, each
    with its agency.
    """
    obligations = PlannedObligation.objects.select_related("agency")
    return Award.objects.select_related(
        "agreement__agency", "agreement__institute", "institute"
    ).prefetch_related(Prefetch("obligations", obligations))


def co_sponsors_of(award: Award) -> dict[str, int]:
    """What each agency gives of the award beside the one that leads, by key."""
    lead_id = award.agreement.agency_id if award.agreement else None
    found: dict[str, int] = {}
    for one in award.obligations.all():
        if one.agency_id != lead_id:
            found[one.agency.key] = found.get(one.agency.key, 0) + one.amount_minor
    return found


def obligation_of(award: Award | None, year: int, agency: str = "") -> PlannedObligation:
    """The obligation that the award foresees of the agency of that key for that year; without a key
    the only one of the year. Raises NotFound, and Invalid where several agencies give money in it.
    """
    obligations = award.obligations.all() if award else ()
    found = [one for one in obligations if one.year == year and agency in {"", one.agency.key}]
    if not found:
        raise NotFound(NO_OBLIGATION, code="no_obligation")
    if len(found) > 1:
        keys = ", ".join(one.agency.key for one in found)
        raise Invalid.in_field("agency", _WHOSE, agencies=keys)
    return found[0]


def bookings_of(winners: Iterable[Winner]) -> dict[int, Booking]:
    """How far each of the foreseen obligations is, by its key."""
    awards = [one.award for one in winners if one.award is not None]
    proposals = TransferProposal.objects.filter(
        agreement__in=[one.agreement_id for one in awards], code=TransferCode.OBLIGATE
    )
    states = dict(proposals.values_list("pk", "state"))
    dead = {pk for pk, state in states.items() if state in _DEAD}
    ids = {
        planned.pk: rules.transfer_of(planned.transfer_id, dead)
        for award in awards
        for planned in award.obligations.all()
    }
    booked = set(Transfer.objects.filter(pk__in=ids.values()).values_list("pk", flat=True))
    return {
        key: Booking(pk, pk in booked, states.get(pk) == ProposalState.PROPOSED)
        for key, pk in ids.items()
    }


def moved_under(pk: UUID) -> Transfer | TransferProposal | None:
    """The transfer that stands under the id, or what is proposed under it; None where neither."""
    stored = Transfer.objects.filter(pk=pk).first()
    return stored or TransferProposal.objects.filter(pk=pk).first()


def institutes_led(application: Application) -> QuerySet[Institute]:
    """The institutes that the lead of the application leads and that can take the award up."""
    return Institute.objects.filter(
        lead_id=application.lead.standing.pk,
        kind=RecipientKind.INSTITUTE,
        status__in=_TAKEN_UP,
    ).order_by("name", "pk")


def leading_agency(sponsors: Iterable[CompetitionSponsor]) -> Agency | None:
    """The agency that leads among the sponsors of a competition, and signs its awards; None where
    none does.
    """
    return next((one.agency for one in sponsors if one.is_lead), None)


def agreement_in_force(institute: Institute) -> Agreement | None:
    """The institute's agreement under which its projects are paid; None without exactly one."""
    found = list(Agreement.objects.filter(institute=institute, state=AgreementState.ACTIVE)[:2])
    return found[0] if len(found) == 1 else None
