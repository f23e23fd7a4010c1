"""How an institute's federal and other money compare, over the API."""

from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema

from lineshaft.apps.funding import queries
from lineshaft.apps.funding.rules import FIRST_FISCAL_YEAR, LAST_FISCAL_YEAR
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import actor_of

router = Router()


class MatchOut(Schema):
    """How an institute stands; `ratio` is a decimal, null without federal money.

    `needed_minor` is the non-federal money that meets the rule, waivers in force counted.
    """

    currency: str
    obligated_minor: int
    drawn_minor: int
    cash_minor: int
    in_kind_minor: int
    ratio: Decimal | None
    share_bp: int | None
    standing: str
    rule: str | None
    needed_minor: int | None
    missing_minor: int
    is_waived: bool

    @staticmethod
    def resolve_rule(position: queries.MatchPosition) -> str | None:
        return position.rule.id if position.rule else None


@router.get("/institutes/{institute}/match", response=MatchOut, operation_id="show_match")
def show_match(
    request: HttpRequest,
    institute: str,
    fiscal_year: Annotated[int | None, Query(ge=FIRST_FISCAL_YEAR, le=LAST_FISCAL_YEAR)] = None,
) -> queries.MatchPosition:
    """Federal and non-federal money of an institute, in a fiscal year or in all."""
    key = institute_by_key(actor_of(request), institute).key
    period = profile_in_use().fiscal_year(fiscal_year) if fiscal_year is not None else None
    return queries.match_position(key, period, today=clock.today())
