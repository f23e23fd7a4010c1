"""Storing the common policies of the demonstration, each verb on the day that its plan gives."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from lineshaft.apps.governance import services as governance
from lineshaft.apps.governance.models import PolicyVersion
from lineshaft.apps.governance.queries import institutes_at_work
from lineshaft.apps.governance.rules import PositionKind
from lineshaft.apps.network.models import Institute
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.personas import OWN_INSTITUTE
from lineshaft.demonstration.policies import ATTESTED, POLICIES, PolicyPlan, Words

DRAFTED_BEFORE_DAYS = 60
STATED_AFTER_DAYS = 45


def adopt_policies(loading: Loading) -> None:
    """The policies with their versions, what the institutes said of them, and attested."""
    institutes = list(institutes_at_work(loading.actor))
    for plan in POLICIES:
        version = _enter_versions(loading, plan)
        _state_positions(loading, plan, version, institutes)
        if plan.area in ATTESTED:
            _attest(loading, version, institutes)


def _enter_versions(loading: Loading, plan: PolicyPlan) -> PolicyVersion:
    """Every version in turn; the last one adopted is returned."""
    first, *others = plan.versions
    drafted = governance.draft_policy(
        loading.actor,
        governance.PolicyProposal(
            plan.area,
            plan.title,
            governance.Wording(first.text, first.text_zh),
            title_zh=plan.title_zh,
            is_demonstration=True,
        ),
        now=_drafted_at(first, loading),
    )
    adopted = _adopt(loading, drafted, first)
    for words in others:
        wording = governance.Wording(words.text, words.text_zh, words.changed, words.changed_zh)
        at = _drafted_at(words, loading)
        drafted = governance.revise_policy(loading.actor, adopted.policy, wording, now=at)
        adopted = _adopt(loading, drafted, words) if words.adopted_on else adopted
    return adopted


def _adopt(loading: Loading, version: PolicyVersion, words: Words) -> PolicyVersion:
    assert words.adopted_on is not None  # noqa: S101 -- only drafts have none
    return governance.adopt_policy(
        loading.actor,
        version,
        decision=words.decision,
        adopted_on=words.adopted_on,
        in_force_on=words.in_force_on or words.adopted_on,
        now=_noon(words.adopted_on),
    )


def _state_positions(
    loading: Loading, plan: PolicyPlan, version: PolicyVersion, institutes: Iterable[Institute]
) -> None:
    assert version.adopted_on is not None  # noqa: S101 -- an adopted version has its day
    reasons = dict(plan.deviations)
    for institute in institutes:
        if institute.key in plan.silent:
            continue
        reason = reasons.get(institute.key, "")
        governance.state_position(
            loading.actor,
            version,
            institute=institute.key,
            kind=PositionKind.DEVIATES if reason else PositionKind.ADOPTS,
            reason=reason,
            now=_noon(version.adopted_on + timedelta(days=STATED_AFTER_DAYS)),
        )


def _attest(loading: Loading, version: PolicyVersion, institutes: Iterable[Institute]) -> None:
    """For the last fiscal year that is over; the own institute's is left for a person."""
    year = loading.profile.fiscal_year_of(loading.now.date()).year - 1
    for institute in institutes:
        if institute.key != OWN_INSTITUTE:
            governance.attest_policy(
                loading.actor,
                version.policy,
                institute=institute.key,
                fiscal_year=year,
                is_kept=True,
                now=loading.now,
            )


def _drafted_at(words: Words, loading: Loading) -> datetime:
    if words.adopted_on is None:
        return loading.now
    return _noon(words.adopted_on - timedelta(days=DRAFTED_BEFORE_DAYS))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
