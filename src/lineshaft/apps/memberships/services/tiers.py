"""Setting what an institute asks of a member in a tier, and what it gives."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import TierTerms
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import FieldError, Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

_NO_TIER: Final = gettext_noop("“%(tier)s” is no membership tier. There are: %(known)s.")
_NO_DUES: Final = gettext_noop("Money a year is zero or more, and no slip of the keys.")
_NO_NUMBER: Final = gettext_noop("Enter a number from %(least)s to %(most)s.")
_NO_SOURCE: Final = gettext_noop("Say where these terms stand: a decision, a price list.")


@dataclass(frozen=True, slots=True)
class TierOfferRow:
    """The terms of a tier as somebody enters them; money a year, in minor units."""

    tier: str
    in_force_on: date
    dues_minor: int
    rate_class: rules.RateClass
    source: str
    is_offered: bool = True
    in_kind_minor: int = 0
    term_months: int = 12
    board_seats: int = 0
    votes: int = 0
    training_seats: int = 0
    seats_roll_over: bool = False
    licence_option_days: int = 0
    may_lead_projects: bool = False


def set_tier_terms(
    actor: Actor, institute: Institute, row: TierOfferRow, *, now: datetime
) -> TierTerms:
    """Set what the institute asks and gives in a tier from a day on; what held before stays.

    Raises Invalid with every fault, and Refused for a day that is not later than the last terms'.
    """
    permit(actor, rules.PERMISSIONS["set_tier_terms"], institute=institute.key)
    if faults := _faults_of_terms(row):
        raise Invalid(faults)
    with transaction.atomic():
        locked = Institute.objects.select_for_update().get(pk=institute.pk)
        last = locked.tier_terms.filter(tier=row.tier).order_by("in_force_on").last()
        refuse_if(rules.refuse_terms_day(row.in_force_on, last.in_force_on if last else None))
        values = asdict(row) | {"source": row.source.strip()}
        terms = TierTerms.objects.create(institute=locked, entered_at=now, **values)
        record_event(
            actor,
            "set_tier_terms",
            terms,
            now=now,
            why=terms.source,
            institute=locked.key,
            changes={
                "tier": row.tier,
                "in_force_on": row.in_force_on,
                "dues_minor": [last.dues_minor if last else None, row.dues_minor],
                "is_offered": row.is_offered,
            },
        )
    return terms


def _faults_of_terms(row: TierOfferRow) -> list[FieldError]:
    known = [tier.key for tier in profile_in_use().tiers]
    unknown = {"tier": row.tier, "known": ", ".join(known)}
    numbers = {"term_months": 1} | dict.fromkeys(
        ("board_seats", "votes", "training_seats", "licence_option_days"), 0
    )
    source = row.source.strip()
    faults = [] if row.tier in known else [FieldError("tier", message=_NO_TIER, params=unknown)]
    faults += [
        FieldError(name, message=_NO_DUES)
        for name in ("dues_minor", "in_kind_minor")
        if not 0 <= getattr(row, name) <= rules.DUES_MAX_MINOR
    ]
    faults += [
        FieldError(name, message=_NO_NUMBER, params={"least": least, "most": rules.NUMBER_MAX})
        for name, least in numbers.items()
        if not least <= getattr(row, name) <= rules.NUMBER_MAX
    ]
    if not source:
        faults.append(FieldError("source", message=_NO_SOURCE))
    if refusal := rules.refuse_reference(source):
        faults.append(FieldError("source", message=refusal.message, params=refusal.params))
    return faults
