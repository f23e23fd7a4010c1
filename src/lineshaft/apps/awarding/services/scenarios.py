"""Scenarios of a selection, and what their factors of policy rest on: marks and pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import ApplicationMark, OverlapPair, SelectionScenario
from lineshaft.apps.awarding.queries import (
    PAIR_SAID,
    Candidate,
    Selection,
    pair_by_id,
    scenarios_visible_to,
    selection_of,
)
from lineshaft.apps.awarding.services.record import (
    audit_award,
    held_competition,
    permit_to_award,
)
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.services import faults_of_texts, plain
from lineshaft.engines.optimise import portfolio
from lineshaft.kernel.errors import Invalid, Stale, Unavailable
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

TIME_LIMIT_S: Final = 10.0
AWARDS: Final = "awards"
"""The bound on the number of awards that the notice announced, which every scenario keeps to."""

_NAME_TAKEN: Final = gettext_noop(
    "You have counted a scenario of this name already. Choose another name."
)
_NEGATIVE: Final = gettext_noop("A budget is not below zero.")
_OUT_OF_TIME: Final = gettext_noop(
    "No portfolio was found in the time that a scenario has. Hold to fewer factors."
)


@dataclass(frozen=True, slots=True)
class ScenarioTerms:
    """What a scenario is counted by."""

    name: str
    budget_minor: int
    basis: rules.Basis = rules.Basis.ESTIMATE
    factors: tuple[rules.Factor, ...] = ()


def make_scenario(
    actor: Actor,
    competition: Competition,
    terms: ScenarioTerms,
    *,
    now: datetime,
    time_limit_s: float = TIME_LIMIT_S,
) -> SelectionScenario:
    """Count what is best under the budget and the factors, over what is open to the actor.

    Keeps what would be funded with the price of each factor, or which bounds cannot all hold. It
    takes its time, so it is counted before the transaction that stores it. Raises Unavailable where
    nothing was found in time, and Stale where what it is counted from changed meanwhile.
    """
    faults = faults_of_texts({"name": terms.name}, rules.SCENARIO_NAME_MAX, required=True)
    if terms.budget_minor < 0:
        raise Invalid.in_field("budget_minor", _NEGATIVE)
    if faults:
        raise Invalid(faults)
    refuse_if(rules.refuse_factors(terms.factors))
    permit_to_award(actor, "make_scenario", competition)
    choice = _choice(_to_count(actor, competition, terms), terms)
    result = _counted(choice, time_limit_s)
    with transaction.atomic():
        row = held_competition(actor, competition, "make_scenario")
        selection = _to_count(actor, row, terms)
        if _choice(selection, terms) != choice:
            raise Stale
        scenario = SelectionScenario.objects.create(
            competition=row,
            stage=selection.judged or row.stages.order_by("-number")[0],
            name=terms.name.strip(),
            basis=terms.basis,
            budget_minor=terms.budget_minor,
            factors=[rules.as_said(one) for one in terms.factors],
            applications=sorted(one.application.pk for one in selection.candidates),
            result=result,
            made_at=now,
            made_by=actor.label,
            made_by_user_id=actor.user_id,
        )
        audit_award(actor, "make_scenario", scenario, now=now)
    return scenario


def set_policy_marks(
    actor: Actor,
    competition: Competition,
    application: Application,
    reasons: Mapping[rules.PolicyMark, str],
    *,
    seen: str | None = None,
    now: datetime,
) -> list[ApplicationMark]:
    """Say which grounds of special consideration the application meets, each with its reason; those
    left out are taken off. Raises Stale where they changed since `seen`.
    """
    said = {mark: plain(text) for mark, text in reasons.items()}
    texts = {str(mark): text for mark, text in said.items()}
    if faults := faults_of_texts(texts, rules.REASON_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        row = held_competition(actor, competition, "set_policy_marks")
        refuse_if(rules.refuse_choosing(row.state))
        candidate = selection_of(actor, row).candidate(application.pk)
        if seen is not None and seen != candidate.marks_digest:
            raise Stale
        standing = {one.mark: one for one in candidate.marks}
        for mark, one in standing.items():
            if one.reason != said.get(rules.PolicyMark(mark)):
                one.delete()
        made = ApplicationMark.objects.bulk_create(
            ApplicationMark(
                application=candidate.application,
                mark=mark,
                reason=text,
                made_at=now,
                made_by=actor.label,
            )
            for mark, text in said.items()
            if mark not in standing or standing[mark].reason != text
        )
        audit_award(actor, "set_policy_marks", candidate.application, now=now)
    return made


def note_overlap(
    actor: Actor,
    competition: Competition,
    applications: tuple[int, int],
    *,
    reason: str,
    now: datetime,
) -> OverlapPair:
    """Note that two applications overlap, so that a scenario can fund at most one of them."""
    said = plain(reason)
    if faults := faults_of_texts({"reason": said}, rules.REASON_MAX, required=True):
        raise Invalid(faults)
    first, second = sorted(applications)
    with transaction.atomic():
        row = held_competition(actor, competition, "note_overlap")
        refuse_if(rules.refuse_choosing(row.state))
        selection = selection_of(actor, row)
        one, other = selection.candidate(first), selection.candidate(second)
        stands = any((pair.first_id, pair.second_id) == (first, second) for pair in selection.pairs)
        refuse_if(rules.refuse_pair(is_same=first == second, stands=stands))
        pair = OverlapPair.objects.create(
            first=one.application,
            second=other.application,
            reason=said,
            made_at=now,
            made_by=actor.label,
        )
        _audit_pair(actor, "note_overlap", pair, now=now)
    return pair


def remove_overlap(
    actor: Actor, competition: Competition, pair: OverlapPair, *, now: datetime
) -> None:
    """Take back that two applications overlap."""
    with transaction.atomic():
        row = held_competition(actor, competition, "remove_overlap")
        refuse_if(rules.refuse_choosing(row.state))
        held = pair_by_id(selection_of(actor, row), pair.pk)
        _audit_pair(actor, "remove_overlap", held, now=now)
        held.delete()


# ---------------------------------------------------------------------------------------- leaves


def _audit_pair(actor: Actor, verb: str, pair: OverlapPair, *, now: datetime) -> None:
    """The event of a verb on a pair: it names both applications, by which it is withheld from whom
    one of them is closed to, also once the pair is gone.
    """
    said = dict(zip(PAIR_SAID, (pair.first_id, pair.second_id), strict=True))
    audit_award(actor, verb, pair, now=now, changes=said)


def _to_count(actor: Actor, competition: Competition, terms: ScenarioTerms) -> Selection:
    """What the scenario is counted over; raises what refuses it as the competition stands.

    Scenarios that are hidden from the actor count for nothing, and names of others are theirs.
    """
    refuse_if(rules.refuse_choosing(competition.state))
    selection = selection_of(actor, competition)
    seen = len(scenarios_visible_to(actor, competition))
    refuse_if(rules.refuse_scenario(candidates=len(selection.candidates), scenarios=seen))
    own = competition.scenarios.filter(made_by_user=actor.user_id)
    if own.filter(name=terms.name.strip()).exists():
        raise Invalid.in_field("name", _NAME_TAKEN)
    return selection


def _counted(choice: portfolio.Choice, time_limit_s: float) -> dict[str, Any]:
    """The result as it is kept: ids of applications, values to the places that the rules keep."""
    try:
        found = portfolio.best_portfolio(choice, time_limit_s=time_limit_s)
    except TimeoutError as error:
        raise Unavailable(_OUT_OF_TIME, code="out_of_time") from error
    if isinstance(found, portfolio.Impossible):
        return {"impossible": [_named(name) for name in found.names]}
    return {
        "funded": _ids(found.funded),
        "value": round(found.value, rules.VALUE_PLACES),
        "cost_minor": found.cost,
        "is_optimal": found.is_optimal,
        "price_of_all": round(found.price_of_all, rules.VALUE_PLACES),
        "by_rank": _ids(portfolio.by_rank(choice)),
        "prices": [
            {
                "factor": price.factor,
                "value": round(price.value, rules.VALUE_PLACES),
                "gained": _ids(price.gained),
                "lost": _ids(price.lost),
                "is_exact": price.is_exact,
            }
            for price in found.prices
        ],
    }


def _choice(selection: Selection, terms: ScenarioTerms) -> portfolio.Choice:
    candidates = selection.candidates
    seen = [one.as_seen() for one in candidates]
    pairs = [(one.first_id, one.second_id) for one in selection.pairs]
    factors = [_awards(selection)]
    for factor in terms.factors:
        bounds = [
            portfolio.Bound(
                f"{factor.key}|{group.name}",
                frozenset(str(pk) for pk in group.applications),
                least=group.least,
                most=group.most,
            )
            for group in rules.groups_of(factor, seen, pairs)
        ]
        factors.append(portfolio.Factor(factor.key, tuple(bounds)))
    return portfolio.Choice(
        tuple(_valued(one, terms.basis) for one in candidates), terms.budget_minor, tuple(factors)
    )


def _awards(selection: Selection) -> portfolio.Factor:
    keys = frozenset(str(one.application.pk) for one in selection.candidates)
    announced = selection.competition
    bound = portfolio.Bound(AWARDS, keys, announced.awards_least, announced.awards_most)
    return portfolio.Factor(AWARDS, (bound,))


def _valued(one: Candidate, basis: rules.Basis) -> portfolio.Application:
    value = rules.value_of(one.score(basis))
    return portfolio.Application(str(one.application.pk), one.asked_minor, value)


def _named(name: str) -> dict[str, str]:
    """A bound at fault: the factor that it belongs to, and the group within it."""
    factor, _bar, group = name.partition("|")
    return {"factor": factor, "group": group}


def _ids(keys: Sequence[str]) -> list[int]:
    return [int(key) for key in keys]
