"""A work as the comparison of awards knows it: proposed, or a stored award."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import OutsideAward
from lineshaft.engines.match.overlap.awards import Award


@dataclass(frozen=True, slots=True)
class WorkDescribed:
    """A work as its proposal tells it; whatever is not known is blank, zero or None.

    `lead` and `others` are names of people, `organisation` is the name of who holds the award and
    `is_small_firm` whether that is a party by itself, as in SBIR; `agency` is the sponsor's key or
    name.
    """

    title: str = ""
    text: str = ""
    lead: str = ""
    others: tuple[str, ...] = ()
    organisation: str = ""
    is_small_firm: bool = False
    agency: str = ""
    phase: int = 0
    starts_on: date | None = None
    ends_on: date | None = None


def work_of_award(award: OutsideAward) -> WorkDescribed:
    """A stored award as a work, to be compared with all others."""
    return WorkDescribed(
        title=award.title,
        text=award.abstract,
        lead=award.investigator,
        others=rules.names_listed(award.other_investigators),
        organisation=award.recipient,
        is_small_firm=rules.is_for_small_firms(award.source, award.programme),
        agency=award.agency.key if award.agency else award.agency_name,
        phase=rules.phase_number(award.phase),
        starts_on=award.starts_on or (date(award.year, 1, 1) if award.year else None),
        ends_on=award.ends_on,
    )


def compared(work: WorkDescribed, award_id: str, *, department: Callable[[str], str]) -> Award:
    """The work as the engine compares it; `department` tells what an agency's key or name is
    compared by.
    """
    return Award(
        award_id,
        work.text,
        title=work.title,
        lead=work.lead,
        others=work.others,
        organisation=work.organisation,
        is_firm=work.is_small_firm,
        agency=department(work.agency),
        phase=work.phase,
        starts_on=work.starts_on,
        ends_on=work.ends_on,
    )
