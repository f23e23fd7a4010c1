"""How agreements stand under the rules, over the API: as they are, and as they might be."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.rules import RuleKind, RuleStanding
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import RowId, actor_of

router = Router()


class RuleStandingOut(Schema):
    """How an agreement stands under one rule of the profile.

    Where a rule is tested year by year, `fiscal_year` is the one that decided: the first that
    fails, else the last. `share_bp` and `excluded_minor` are a matching rule as waivers leave it.
    """

    agreement_id: int
    kind: RuleKind
    rule: str
    citation: str
    in_force_from: date
    in_force_until: date | None
    is_binding: bool
    standing: str
    fiscal_year: int | None
    federal_minor: int
    nonfederal_minor: int
    needed_minor: int
    share_bp: int | None
    excluded_minor: int | None

    @staticmethod
    def of(agreement_id: int, one: RuleStanding) -> "RuleStandingOut":
        """The standing as it leaves the program."""
        return RuleStandingOut(
            agreement_id=agreement_id,
            kind=one.kind,
            rule=one.rule.id,
            citation=one.authority.citation.text,
            in_force_from=one.authority.in_force.starts_on,
            in_force_until=one.authority.in_force.ends_on,
            is_binding=one.is_binding,
            standing=one.standing,
            fiscal_year=one.year,
            federal_minor=one.federal_minor,
            nonfederal_minor=one.nonfederal_minor,
            needed_minor=one.needed_minor,
            share_bp=one.lifted.share_bp if one.lifted else None,
            excluded_minor=one.lifted.excluded_minor if one.lifted else None,
        )


class ImaginedIn(Schema):
    """Which figure to imagine otherwise; what is left out stays as it is.

    `least` and `most` are years of a term or of falling money, minor units of a band.
    """

    kind: RuleKind
    rule: str
    share_bp: Annotated[int | None, Field(ge=0, le=9_999)] = None
    least: Annotated[int | None, Field(ge=0, le=2**53)] = None
    most: Annotated[int | None, Field(ge=1, le=2**53)] = None


@router.get(
    "/agreements/{int:agreement_id}/rules",
    response=list[RuleStandingOut],
    operation_id="show_rules",
)
def show_rules(request: HttpRequest, agreement_id: RowId) -> list[RuleStandingOut]:
    """The rules that bind an agreement or are meant for it, and how it stands under each."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    standings = queries.rule_standings_of(agreement, today=clock.today())
    return [RuleStandingOut.of(agreement.pk, one) for one in standings]


@router.get("/rules/imagined", response=list[RuleStandingOut], operation_id="imagine_rule")
def imagine_rule(request: HttpRequest, imagined: Query[ImaginedIn]) -> list[RuleStandingOut]:
    """Every agreement under one rule with another figure; nothing is stored."""
    profile = rules.imagined(
        profile_in_use(),
        imagined.kind,
        imagined.rule,
        share_bp=imagined.share_bp,
        least=imagined.least,
        most=imagined.most,
    )
    today = clock.today()
    return [
        RuleStandingOut.of(agreement.pk, standing)
        for agreement, facts in queries.network_facts(actor_of(request))
        for standing in rules.rule_standings(profile, facts, today)
        if (standing.kind, standing.rule.id) == (imagined.kind, imagined.rule)
    ]
