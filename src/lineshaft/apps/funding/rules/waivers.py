"""What a waiver lifts of a matching rule: a lower share, or federal money left out of the test.

Source: 15 U.S.C. 278s(e)(7)(B) (law: L-041), with the grounds that the profile lists for the rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.apps.funding.rules.states import AgreementState
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.jurisdiction import MatchingRule
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow


class WaiverState(StrEnum):
    """Where a waiver stands."""

    REQUESTED = "requested"
    GRANTED = "granted"
    DENIED = "denied"
    REVOKED = "revoked"


WAIVER_WORKFLOW: Final = Workflow(
    name="waiver",
    initial=WaiverState.REQUESTED,
    transitions=(
        Transition("grant_waiver", frozenset({WaiverState.REQUESTED}), WaiverState.GRANTED),
        Transition("deny_waiver", frozenset({WaiverState.REQUESTED}), WaiverState.DENIED),
        Transition("revoke_waiver", frozenset({WaiverState.GRANTED}), WaiverState.REVOKED),
    ),
    final=frozenset({WaiverState.DENIED, WaiverState.REVOKED}),
)


@dataclass(frozen=True, slots=True)
class Lifted:
    """What one granted waiver lifts in its days; one of share and excluded amount, never both."""

    span: Span
    share_bp: int | None = None
    excluded_minor: int | None = None


@dataclass(frozen=True, slots=True)
class LiftedRule:
    """A rule as waivers leave it: the share it asks for, and the federal money it leaves out."""

    share_bp: int
    excluded_minor: int = 0

    def federal_counted(self, federal_minor: int) -> int:
        """The federal money that the test counts, never below zero."""
        return max(0, federal_minor - self.excluded_minor)

    def is_met(self, federal_minor: int, nonfederal_minor: int) -> bool:
        """Whether the share is reached, exactly; federal money wholly left out asks for none."""
        counted = self.federal_counted(federal_minor)
        whole = counted + nonfederal_minor
        if counted == 0 and federal_minor > 0:
            return True
        return whole > 0 and nonfederal_minor * BASIS_POINTS >= self.share_bp * whole

    def nonfederal_needed(self, federal_minor: int) -> int:
        """The least non-federal money that meets it beside this federal money."""
        counted = self.federal_counted(federal_minor)
        return -(-counted * self.share_bp // (BASIS_POINTS - self.share_bp))


def lasting(lifted: Lifted, ends_on: date) -> Lifted:
    """The waiver as tests read it after the term, of which `ends_on` is the first day without it.

    No waiver is given for days after the term; one that runs to its end lifts the rule for good.
    """
    if lifted.span.ends_on is None or lifted.span.ends_on < ends_on:
        return lifted
    return replace(lifted, span=Span(lifted.span.starts_on))


def lifted_rule(rule: MatchingRule, waivers: Iterable[Lifted], on: date) -> LiftedRule:
    """The rule as the waivers in force on that day leave it.

    Of several lowered shares the lowest counts; amounts left out add up.
    """
    in_force = [one for one in waivers if one.span.contains(on)]
    shares = [one.share_bp for one in in_force if one.share_bp is not None]
    return LiftedRule(
        min([rule.share_bp, *shares]), sum(one.excluded_minor or 0 for one in in_force)
    )


def waiver_still_possible(state: AgreementState) -> Refusal | None:
    """Refuse to ask for a waiver under a closed agreement: the test it would lift is over."""
    if state in (AgreementState.DRAFT, AgreementState.ACTIVE):
        return None
    return Refusal(
        "waiver_after_close",
        gettext_noop(
            "The agreement is closed. A waiver is asked for before its end; what was granted "
            "keeps counting in its days."
        ),
    )


def waiver_rule_binds(rule: MatchingRule | None, *, binds: bool) -> Refusal | None:
    """Refuse to waive a rule that the profile lacks, or that does not bind the agreement."""
    if rule is not None and binds:
        return None
    return Refusal(
        "rule_not_binding",
        gettext_noop(
            "This rule does not bind the agreement in those days, so there is nothing to waive."
        ),
        rule.citation if rule else None,
    )


def ground_allowed(rule: MatchingRule, ground: str) -> Refusal | None:
    """Refuse a ground for which the rule is not waived."""
    if ground in rule.waiver_keys:
        return None
    return Refusal(
        "ground_not_allowed",
        gettext_noop("%(rule)s is not waived on this ground. Choose one that its text names."),
        rule.citation,
        {"rule": rule.id},
    )


def waiver_lifts_one(
    rule: MatchingRule, *, share_bp: int | None, excluded_minor: int | None
) -> Refusal | None:
    """Refuse a waiver that lifts nothing, both at once, or asks for as much as the rule does."""
    is_share = share_bp is not None and 0 <= share_bp < rule.share_bp and excluded_minor is None
    is_amount = excluded_minor is not None and excluded_minor > 0 and share_bp is None
    if is_share or is_amount:
        return None
    return Refusal(
        "waiver_content",
        gettext_noop(
            "A waiver names either a share below the rule's, or an amount of federal money to "
            "leave out of the test, and not both."
        ),
        rule.citation,
    )


def waiver_within(span: Span, term: Span, rule: MatchingRule) -> Refusal | None:
    """Refuse a waiver for days outside the agreement."""
    if term.covers(span):
        return None
    return Refusal(
        "waiver_outside_term",
        gettext_noop(
            "A waiver runs within the agreement's term, from %(starts_on)s up to %(ends_on)s."
        ),
        rule.citation,
        {"starts_on": Day(term.starts_on), "ends_on": Day(term.ends_on or term.starts_on)},
    )


def waiver_reason_given(reason: str) -> Refusal | None:
    """Refuse a waiver, or a decision on one, that does not say why."""
    if reason.strip():
        return None
    return Refusal(
        "reason_missing",
        gettext_noop("Say why: every waiver stands with its reason in the yearly report."),
        Citation(
            "15 U.S.C. 278s(j)(2)(B)(ii)",
            "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s",
        ),
    )


def approver_apart(*, is_requester: bool) -> Refusal | None:
    """Refuse to decide on the waiver that one has requested oneself."""
    if not is_requester:
        return None
    return Refusal(
        "second_person_wanted",
        gettext_noop("You requested this waiver. Another officer of the agency decides on it."),
        Citation("2 CFR 200.303", "https://www.ecfr.gov/current/title-2/section-200.303"),
    )
