"""The three tests of match over the API: of one agreement, and of those that one oversees."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.queries import AgreementTest
from lineshaft.apps.funding.rules import MatchPoint, MatchStatus, MatchTest, RuleTest
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, paged

router = Router()


class MatchPointOut(Schema):
    """The money counted up to the end of `on`; of one fiscal year, or of all where that is null.

    `asked_bp` and `excluded_minor` are the rule as waivers leave it on that day.
    """

    on: date
    fiscal_year: int | None
    is_forecast: bool
    federal_minor: int
    matching_minor: int
    share_bp: int | None
    asked_bp: int
    excluded_minor: int
    lacking_minor: int
    fails: bool

    @staticmethod
    def of(point: MatchPoint) -> "MatchPointOut":
        """The point as it leaves the program."""
        return MatchPointOut(
            on=point.on,
            fiscal_year=point.year,
            is_forecast=point.is_forecast,
            federal_minor=point.federal_minor,
            matching_minor=point.matching_minor,
            share_bp=point.share_bp,
            asked_bp=point.lifted.share_bp,
            excluded_minor=point.lifted.excluded_minor,
            lacking_minor=point.lacking_minor,
            fails=point.fails,
        )


class BreachOut(Schema):
    """The first day on which a test would fail; promise what is lacking by `act_by`.

    `most_lacking_minor` is the most that it would lack up to the end, on `most_lacking_on`.
    """

    on: date
    lacking_minor: int
    act_by: date
    most_lacking_minor: int
    most_lacking_on: date


class MatchTestOut(Schema):
    """One rule of a test; `at_end` and `breach` are null for who may not read what is foreseen.

    `matching` says what stands beside federal money: `nonfederal`, or `other` where federal money
    beside the award counts too.
    """

    test: MatchTest
    rule: str
    citation: str
    in_force_from: date
    in_force_until: date | None
    binds: bool
    matching: str
    status: MatchStatus
    to_date: MatchPointOut
    years: list[MatchPointOut]
    at_end: MatchPointOut | None
    breach: BreachOut | None

    @staticmethod
    def of(one: RuleTest, *, is_foreseen: bool) -> "MatchTestOut":
        """The result as it leaves the program."""
        breach = one.breach if is_foreseen else None
        return MatchTestOut(
            test=one.read.test,
            rule=one.rule.id,
            citation=one.rule.citation.text,
            in_force_from=one.rule.authority.in_force.starts_on,
            in_force_until=one.rule.authority.in_force.ends_on,
            binds=one.read.binds,
            matching=one.read.matching,
            status=one.status if is_foreseen else one.so_far,
            to_date=MatchPointOut.of(one.to_date),
            years=[
                MatchPointOut.of(point)
                for point in one.years
                if is_foreseen or not point.is_forecast
            ],
            at_end=MatchPointOut.of(one.at_end) if is_foreseen and one.at_end else None,
            breach=BreachOut(
                on=breach.on,
                lacking_minor=breach.lacking_minor,
                act_by=breach.act_by,
                most_lacking_minor=breach.most_minor,
                most_lacking_on=breach.most_on,
            )
            if breach
            else None,
        )


class AgreementTestsOut(Schema):
    """An agreement with its tests."""

    agreement_id: int
    number: str
    institute: str
    recipient_kind: str
    agency: str
    tests: list[MatchTestOut]


class MatchTestsQuery(Schema):
    """Which agreements: of a sponsor, of a recipient."""

    agency: Annotated[str, Query(max_length=64)] = ""
    institute: Annotated[str, Query(max_length=64)] = ""
    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


@router.get(
    "/agreements/{int:agreement_id}/match-tests",
    response=list[MatchTestOut],
    operation_id="show_match_tests",
)
def show_match_tests(request: HttpRequest, agreement_id: RowId) -> list[MatchTestOut]:
    """How an agreement stands under the three tests of match, and when one would fail."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)
    is_foreseen = queries.foresees(actor, agreement)
    return [
        MatchTestOut.of(one.result, is_foreseen=is_foreseen)
        for one in queries.match_tests_of([agreement], today=clock.today())
        if is_foreseen or one.result.read.test is not MatchTest.LEVERAGE
    ]


@router.get("/match-tests", response=PageOf[AgreementTestsOut], operation_id="list_match_tests")
def list_match_tests(request: HttpRequest, asked: Query[MatchTestsQuery]) -> dict[str, Any]:
    """The agreements that the reader oversees, each with its tests; extension centres too."""
    agreements = queries.agreements_foreseen_by(actor_of(request))
    if asked.agency:
        agreements = agreements.filter(sponsors__agency__key=asked.agency)
    if asked.institute:
        agreements = agreements.filter(institute__key=asked.institute)
    page = paged(agreements, cursor=asked.cursor, limit=asked.limit)
    found: dict[int, list[AgreementTest]] = {}
    for one in queries.match_tests_of(page["items"], today=clock.today()):
        found.setdefault(one.agreement.pk, []).append(one)
    return page | {"items": [_out(one, found.get(one.pk, [])) for one in page["items"]]}


def _out(agreement: Agreement, tests: list[AgreementTest]) -> AgreementTestsOut:
    ordered = sorted(tests, key=lambda one: rules.match_urgency(one.result))
    return AgreementTestsOut(
        agreement_id=agreement.pk,
        number=agreement.number,
        institute=agreement.institute.key,
        recipient_kind=agreement.institute.kind,
        agency=agreement.agency.key,
        tests=[MatchTestOut.of(one.result, is_foreseen=True) for one in ordered],
    )
