"""The API of tiers: what a membership costs and gives."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import actor_of, idempotent

router = Router()


class TierOut(Schema):
    """A tier at an institute today; `is_template` where the institute has set no terms of its own,
    and what only its own terms say is null. Money is a year's, in minor units.
    """

    institute: str
    tier: str
    is_template: bool
    dues_minor: int
    in_kind_minor: int | None
    term_months: int | None
    board_seats: int
    votes: int | None
    rate_class: str | None
    training_seats: int | None
    seats_roll_over: bool | None
    licence_option_days: int | None
    may_lead_projects: bool | None


class TierIn(Schema):
    """The terms of a tier from a day on; money a year, in minor units."""

    institute: str
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


@router.get(
    "/tiers",
    response=list[TierOut],
    operation_id="list_tiers",
    summary="What a membership costs and gives at each institute",
)
def list_tiers(request: HttpRequest, kind: str = "", institute: str = "") -> list[TierOut]:
    """The tiers offered today, cheapest first; `kind` is a kind of organisation."""
    offers = queries.tier_offers(
        actor_of(request), on=clock.today(), kind=kind, institute=institute
    )
    return [_tier_out(one) for one in offers]


@router.post(
    "/tiers",
    response=TierOut,
    operation_id="set_tier_terms",
    summary="Set the terms of a tier from a day on",
)
def set_tier_terms(request: HttpRequest, payload: TierIn) -> HttpResponse:
    """The terms as they were set."""
    actor = actor_of(request)

    def perform() -> TierOut:
        of = institute_by_key(actor, payload.institute)
        row = services.TierOfferRow(**payload.model_dump(exclude={"institute"}))
        terms = services.set_tier_terms(actor, of, row, now=clock.now())
        return _tier_out(queries.TierOffer(of, profile_in_use().tier(terms.tier), terms))

    return idempotent(request, "set_tier_terms", perform)


def _tier_out(one: queries.TierOffer) -> TierOut:
    terms = one.terms
    own = (
        "in_kind_minor",
        "term_months",
        "votes",
        "rate_class",
        "training_seats",
        "seats_roll_over",
        "licence_option_days",
        "may_lead_projects",
    )
    return TierOut(
        institute=one.institute.key,
        tier=one.tier.key,
        is_template=terms is None,
        dues_minor=one.dues_minor,
        board_seats=one.board_seats,
        **{name: getattr(terms, name) if terms else None for name in own},
    )
