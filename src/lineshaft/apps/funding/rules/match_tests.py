"""Three tests of how federal and other money compare, each by itself, and when one would fail.

The statute's (and the design's) share of non-federal money; the leverage of base money by all other
money, which may be federal too; and the shares that energy law asks by kind of project. A rule on
the whole is tested on all money so far at the end of each month; a rule on each year at the close
of the fiscal year. Shares are compared by cross-multiplication on what waivers in force on the day
leave of the rule, never on a rounded number.

Source: 15 U.S.C. 278s(e)(7), 15 U.S.C. 278k(e)(2), 42 U.S.C. 16352 (law: L-040 to L-043, M-01).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.apps.funding.rules.foreseen import (
    DayMoney,
    Foreseen,
    MatchBooks,
    foreseen,
    month_ends,
)
from lineshaft.apps.funding.rules.match import nonfederal_share_bp
from lineshaft.apps.funding.rules.standing import AgreementFacts, matching_rules_on
from lineshaft.apps.funding.rules.waivers import LiftedRule, lifted_rule
from lineshaft.kernel.jurisdiction import (
    JurisdictionProfile,
    MatchingBasis,
    MatchingRule,
    MatchingSubject,
)

LEAD_DAYS: Final = 180
"""How long before a breach something has to be promised so that it is brought, recorded and
accepted in time: our own figure, half a year.
"""

HORIZON_DAYS: Final = 548
"""How far ahead a foreseen breach is put on somebody's desk: eighteen months."""

_OF_INSTITUTES: Final = frozenset({MatchingSubject.INSTITUTE})


class MatchTest(StrEnum):
    """Which of the three tests."""

    STATUTE = "statute"
    LEVERAGE = "leverage"
    EPACT = "epact"


class MatchStatus(StrEnum):
    """How an agreement stands under a rule of a test, the future included."""

    AT_RISK = "at_risk"
    BELOW = "below"
    HOLDS = "holds"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class RuleRead:
    """A rule that a test reads; `binds` says whether it binds this agreement by law."""

    test: MatchTest
    rule: MatchingRule
    binds: bool

    @property
    def matching(self) -> str:
        """What stands beside federal money: `nonfederal`, or `other` where that may be federal."""
        return "other" if self.test is MatchTest.LEVERAGE else "nonfederal"


@dataclass(frozen=True, slots=True)
class MatchPoint:
    """The money counted up to the end of a day, and the rule as waivers leave it on that day.

    `year` is the fiscal year of which it is the money, None for all of it so far. `is_forecast`:
    the day lies ahead or the fiscal year is not over, and a part of the money is foreseen.
    """

    on: date
    federal_minor: int
    matching_minor: int
    lifted: LiftedRule
    year: int | None = None
    is_forecast: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is no money to test."""
        return self.federal_minor + self.matching_minor <= 0

    @property
    def fails(self) -> bool:
        """Whether there is money, and the share is not reached."""
        return not self.is_empty and not self.lifted.is_met(self.federal_minor, self.matching_minor)

    @property
    def share_bp(self) -> int | None:
        """The matching part of the whole, rounded to be shown."""
        return nonfederal_share_bp(self.federal_minor, self.matching_minor)

    @property
    def lacking_minor(self) -> int:
        """What more would reach the share."""
        return max(0, self.lifted.nonfederal_needed(self.federal_minor) - self.matching_minor)


@dataclass(frozen=True, slots=True)
class Breach:
    """The first day on which a test would fail, what it would lack, and by when to act.

    `most_minor` is the most that it would lack on any tested day up to the end, and `most_on` that
    day: promised in time, it keeps the test through the term.
    """

    on: date
    lacking_minor: int
    act_by: date
    most_minor: int
    most_on: date


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One rule of a test, read by fiscal year, to date, and as forecast to the agreement's end."""

    read: RuleRead
    to_date: MatchPoint
    years: tuple[MatchPoint, ...]
    at_end: MatchPoint | None
    breach: Breach | None

    @property
    def rule(self) -> MatchingRule:
        """The rule of the profile."""
        return self.read.rule

    @property
    def failing(self) -> MatchPoint | None:
        """What fails already: the money so far, or the first year of a yearly rule that is over."""
        if self.rule.basis is MatchingBasis.TOTAL:
            return self.to_date if self.to_date.fails else None
        over = (one for one in self.years if not one.is_forecast and one.federal_minor > 0)
        return next((one for one in over if one.fails), None)

    @property
    def status(self) -> MatchStatus:
        """What already fails before what is foreseen to fail."""
        if self.failing is not None:
            return MatchStatus.BELOW
        if self.breach is not None:
            return MatchStatus.AT_RISK
        return MatchStatus.OPEN if self.to_date.is_empty else MatchStatus.HOLDS

    @property
    def so_far(self) -> MatchStatus:
        """The same without anything foreseen, for readers who may not see what is promised."""
        if self.failing is not None:
            return MatchStatus.BELOW
        return MatchStatus.OPEN if self.to_date.is_empty else MatchStatus.HOLDS

    @property
    def lacking_minor(self) -> int:
        """What it lacks where it fails, else where it would first fail."""
        if self.failing is not None:
            return self.failing.lacking_minor
        return self.breach.lacking_minor if self.breach else 0

    @property
    def is_pressing(self) -> bool:
        """Whether a breach concerns who runs the agreement: of law, or of the network's design."""
        return self.read.binds or self.read.test is MatchTest.STATUTE


def rules_read(
    profile: JurisdictionProfile, facts: AgreementFacts, today: date
) -> tuple[RuleRead, ...]:
    """The rules of the three tests that concern the agreement, test by test.

    Of the shares by kind of project the one binds that the sponsor named; where none is named, the
    smaller one, and the other is read beside it.
    """
    named = facts.activity or MatchingSubject.RESEARCH_PROJECT
    other = {MatchingSubject.RESEARCH_PROJECT, MatchingSubject.DEMONSTRATION_PROJECT} - {named}
    wanted = [(MatchTest.STATUTE, facts.subject, True)]
    if facts.subject in _OF_INSTITUTES:
        wanted += [
            (MatchTest.LEVERAGE, MatchingSubject.LEVERAGE, True),
            (MatchTest.EPACT, named, True),
        ]
        if facts.activity is None:
            wanted += [(MatchTest.EPACT, one, False) for one in sorted(other)]
    return tuple(
        RuleRead(test, rule, can_bind and rule.is_statutory)
        for test, subject, can_bind in wanted
        for rule in matching_rules_on(profile, facts, today, frozenset({subject}))
    )


def match_tests(
    profile: JurisdictionProfile, books: MatchBooks, today: date
) -> tuple[RuleTest, ...]:
    """The three tests of an agreement, one result for each rule that they read."""
    return tuple(
        _Reading(profile, books, read, today).result
        for read in rules_read(profile, books.facts, today)
    )


def match_urgency(one: RuleTest) -> tuple[int, date, int]:
    """What results are sorted by: foreseen breaches by their day, then what fails already."""
    place = [*MatchStatus].index(one.status)
    on = one.breach.on if one.breach else one.to_date.on
    return place, on, 0 if one.read.binds else 1


class _Reading:
    """One rule read on the books of an agreement."""

    def __init__(
        self, profile: JurisdictionProfile, books: MatchBooks, read: RuleRead, today: date
    ) -> None:
        self.profile, self.books, self.read, self.today = profile, books, read, today
        self.rule = read.rule
        self.waivers = books.facts.waivers.get(self.rule.id, ())
        self.with_other = read.matching == "other"
        self.ahead: Foreseen = foreseen(books, today, with_other=self.with_other)
        self.until = books.last_day if books.is_running else today
        self.federal, self.matching = self._sums(books.days)

    @property
    def result(self) -> RuleTest:
        years = self._years()
        points = self._ahead(years)
        return RuleTest(
            read=self.read,
            to_date=self._to_date(),
            years=years,
            at_end=self._at_end(),
            breach=self._breach(points),
        )

    def _sums(self, days: Iterable[DayMoney]) -> tuple[int, int]:
        federal = matching = 0
        for one in days:
            federal += one.federal_minor
            matching += one.nonfederal_minor + (one.other_minor if self.with_other else 0)
        return federal, matching

    def _to_date(self) -> MatchPoint:
        """All money up to today, or up to the last day on which the rule was in force."""
        ends_on = self.rule.authority.in_force.ends_on
        on = self.today if ends_on is None else min(self.today, ends_on - timedelta(days=1))
        counted = self._sums(one for one in self.books.days if one.day <= on)
        return MatchPoint(on, *counted, lifted_rule(self.rule, self.waivers, on))

    def _foreseen_at(self, on: date) -> MatchPoint:
        """All money up to a day ahead."""
        return MatchPoint(
            on,
            self.federal + self.ahead.federal_through(on),
            self.matching + self.ahead.matching_through(on),
            lifted_rule(self.rule, self.waivers, on),
            is_forecast=True,
        )

    def _at_end(self) -> MatchPoint | None:
        if self.until <= self.today or not self.rule.authority.is_in_force(self.until):
            return None
        return self._foreseen_at(self.until)

    def _years(self) -> tuple[MatchPoint, ...]:
        """The money of each fiscal year by itself, in the years that end under the rule."""
        by_year: dict[int, list[DayMoney]] = {}
        for one in self.books.days:
            by_year.setdefault(self.profile.fiscal_year_of(one.day).year, []).append(one)
        ahead = range(0)
        if self.until > self.today:
            ahead = range(
                self.profile.fiscal_year_of(self.today).year,
                self.profile.fiscal_year_of(self.until).year + 1,
            )
        found = []
        for year in sorted({*by_year, *ahead}):
            point = self._year(year, by_year.get(year, []))
            if self.rule.authority.is_in_force(point.on):
                found.append(point)
        return tuple(found)

    def _year(self, year: int, days: list[DayMoney]) -> MatchPoint:
        period = self.profile.fiscal_year(year)
        federal, matching = self._sums(days)
        on = period.last_day
        if self.books.is_running:
            on = min(on, max(self.until, self.today))
        is_forecast = not period.is_over(self.today)
        if is_forecast and self.books.is_running:
            before = max(self.today, period.starts_on - timedelta(days=1))
            federal += self.ahead.federal_through(on) - self.ahead.federal_through(before)
            matching += self.ahead.matching_through(on) - self.ahead.matching_through(before)
        lifted = lifted_rule(self.rule, self.waivers, on)
        return MatchPoint(on, federal, matching, lifted, year, is_forecast)

    def _ahead(self, years: Iterable[MatchPoint]) -> list[MatchPoint]:
        """The points ahead at which the rule is tested."""
        if self.rule.basis is MatchingBasis.YEAR:
            return [one for one in years if one.is_forecast and one.federal_minor > 0]
        return [
            self._foreseen_at(on)
            for on in month_ends(self.today, self.until)
            if self.rule.authority.is_in_force(on)
        ]

    def _breach(self, points: list[MatchPoint]) -> Breach | None:
        failed = [one for one in points if one.fails]
        if not failed:
            return None
        first, worst = failed[0], max(failed, key=lambda one: one.lacking_minor)
        act_by = max(self.today, first.on - timedelta(days=LEAD_DAYS))
        return Breach(first.on, first.lacking_minor, act_by, worst.lacking_minor, worst.on)
