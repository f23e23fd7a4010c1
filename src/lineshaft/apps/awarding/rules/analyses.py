"""What awarding decides of the analysis of a business plan: what is counted of an application, by
which assumptions, and what it says under the rule of match in force.

The plan is read from what was handed in, never from the workspace. Its years are those of the
term, counted from 1; `years_after` looks further, at the cost of the term's last year. Federal
money of another source counts as federal, whoever's letter brings it. Cost is what the budget
spends in cash; it is paid by federal money, letters that promise cash, and the plan of revenue.
What is given in kind counts as a match and pays no bill.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from lineshaft.apps.competitions.rules import AMOUNT_MINOR_MAX, YEARS_AFTER, Source, years_of
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.jurisdiction import MatchingBasis, MatchingRule
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.permit import Permission

ANALYSIS_SEED: Final = 20_260_101
"""The seed where the analyst chooses none: any number does, as long as it is written down."""

ANALYSIS_SEED_MAX: Final = 2**31 - 1
HONOURED_BP: Final = 9_000
SPREAD_BP: Final = 3_500
COST_SPREAD_BP: Final = 1_000
SPREAD_BP_MOST: Final = 20_000
YEARS_BEYOND_MOST: Final = YEARS_AFTER
ANALYSIS_DRAWS: Final = 10_000
JUDGEMENT_MAX: Final = 10_000
ANALYSIS_REASON_MAX: Final = 1_000

SUSTAINABILITY: Final = Citation(
    "15 U.S.C. 278s(e)(4)(C)(ii)",
    "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s",
)
"""That the continuing commitment of others and a sustainable business model are considered."""

GLIDE_PATH: Final = Citation(
    "National Network for Manufacturing Innovation: A Preliminary Design, January 2013, 1.3"
)
"""That federal money is larger at the start, falls after years 2 to 3 and ends in 5 to 7 years."""

_NOT_JUDGED: Final = gettext_noop("“%(stage)s” judges nothing, so no plan is analysed in it.")
_OVER: Final = gettext_noop("The competition is over. What was analysed stays on record.")
_NO_BUDGET: Final = gettext_noop(
    "The application states no budget in cash, so there is no plan to analyse."
)
_NO_REASON: Final = gettext_noop("Say why these assumptions differ from those before.")
_WRONG_SHARE: Final = gettext_noop("A share lies between 0 and 100 per cent.")
_WRONG_SPREAD: Final = gettext_noop("A spread lies between 0 and %(most)s per cent.")
_WRONG_SEED: Final = gettext_noop("The seed is a whole number from 0 to %(most)s.")
_WRONG_RESERVE: Final = gettext_noop("The reserve is 0 or more, and below %(most)s.")
_WRONG_YEARS: Final = gettext_noop("At most %(most)s years beyond the term are looked at.")
_NO_KEY: Final = gettext_noop("The plan has no promise or stream “%(key)s”.")


class PlanRating(StrEnum):
    """What the analyst thinks of a plan, best first."""

    SOUND = "sound"
    CONDITIONAL = "conditional"
    DOUBTFUL = "doubtful"
    UNSOUND = "unsound"


ANALYSIS_PERMISSIONS: Final = tuple(
    Permission(
        verb,
        gettext_noop("The panel of the stage analyses plans, and whoever runs the competition."),
        is_for_signed_in=True,
    )
    for verb in ("run_plan_analysis", "judge_plan")
)


@dataclass(frozen=True, slots=True)
class Promise:
    """Cash that a letter commits, by year; `key` is its place among the letters, `giver` who."""

    key: str
    giver: str
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlanInput:
    """A business plan as it was handed in, in minor units, the term's first year first.

    `matched` is what counts as a match of each year: the budget's money of others less what letters
    call federal by origin. `federal` has that too, since it pays bills. `beyond` is own
    income that is planned behind the years that are looked at.
    """

    years: int
    term_years: int
    cost: tuple[int, ...]
    federal: tuple[int, ...]
    asked: tuple[int, ...]
    matched: tuple[int, ...]
    in_kind: tuple[int, ...]
    promises: tuple[Promise, ...]
    revenue: tuple[tuple[str, tuple[int, ...]], ...]
    beyond: int

    @property
    def keys(self) -> frozenset[str]:
        """The names of its promises and streams."""
        return frozenset(
            {*(one.key for one in self.promises), *(key for key, _amounts in self.revenue)}
        )


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What an analysis takes for granted; shares and spreads in basis points.

    `honoured` and `spreads` say it of single promises and streams, by key.
    """

    honoured_bp: int = HONOURED_BP
    spread_bp: int = SPREAD_BP
    cost_spread_bp: int = COST_SPREAD_BP
    reserve_minor: int = 0
    years_after: int = 0
    seed: int = ANALYSIS_SEED
    honoured: Mapping[str, int] = field(default_factory=dict, hash=False)
    spreads: Mapping[str, int] = field(default_factory=dict, hash=False)

    def honoured_of(self, key: str) -> int:
        """The share of that promise that is expected to come."""
        return self.honoured.get(key, self.honoured_bp)

    def spread_of(self, key: str) -> int:
        """How far that stream may miss its plan."""
        return self.spreads.get(key, self.spread_bp)

    def as_content(self) -> dict[str, Any]:
        """Plain values to store."""
        names = ("honoured_bp", "spread_bp", "cost_spread_bp", "reserve_minor", "years_after")
        return {
            **{name: getattr(self, name) for name in (*names, "seed")},
            "honoured": dict(sorted(self.honoured.items())),
            "spreads": dict(sorted(self.spreads.items())),
        }


@dataclass(frozen=True, slots=True)
class MatchFinding:
    """How a plan stands under one rule of match: `short` are the years that do not meet one that
    is kept year by year; `share_bp` is the whole's.
    """

    rule: str
    citation: Citation
    wanted_bp: int
    share_bp: int | None
    is_met: bool
    by_year: bool
    short: tuple[int, ...]


def plan_input(
    content: Mapping[str, Any], *, cash_kinds: Collection[str], years_after: int = 0
) -> PlanInput:
    """What a plan says, from the content that was handed in.

    `cash_kinds` are the kinds of letters that promise cash. Of the match, what lies behind the term
    counts in its last year, as everywhere; what pays bills keeps its year.
    """
    term = years_of(content["terms"]["term_months"])
    years = term + years_after
    lines = content["budget"]["lines"]

    def of(source: Source) -> tuple[int, ...]:
        return _by_year(((year, minor) for s, _c, year, minor in lines if s == source), term)

    asked, cash, in_kind = of(Source.FEDERAL), of(Source.CASH), of(Source.IN_KIND)
    letters, revenue = content["commitments"]["letters"], content["revenue"]["lines"]
    promised = [
        (f"letter-{place}", one)
        for place, one in enumerate(letters, start=1)
        if one["kind"] in cash_kinds and not one["is_federal"]
    ]
    later = [(year, minor) for _stream, year, minor in revenue]
    later += _amounts(one for _key, one in promised)
    origin = _by_year(_amounts(one for one in letters if one["is_federal"]), term)
    other_cash = (one for one in letters if one["is_federal"] and one["kind"] in cash_kinds)
    other_federal = _in_years(_amounts(other_cash), years)
    cost = tuple(a + b for a, b in zip(asked, cash, strict=True))
    others = (a + b for a, b in zip(cash, in_kind, strict=True))
    return PlanInput(
        years=years,
        term_years=term,
        cost=cost + cost[-1:] * years_after,
        federal=tuple(a + b for a, b in zip(_longer(asked, years), other_federal, strict=True)),
        asked=_longer(asked, years),
        matched=_longer((max(0, a - b) for a, b in zip(others, origin, strict=True)), years),
        in_kind=_longer(in_kind, years),
        promises=tuple(
            Promise(key, one["giver"], _in_years(one["amounts"], years)) for key, one in promised
        ),
        revenue=_revenue(revenue, years),
        beyond=sum(minor for year, minor in later if year > years),
    )


def match_findings(plan: PlanInput, rules: Sequence[MatchingRule]) -> tuple[MatchFinding, ...]:
    """How the plan stands under each rule of match in force."""
    asked, matched = sum(plan.asked), sum(plan.matched)
    found = []
    for rule in rules:
        by_year = rule.basis is MatchingBasis.YEAR
        short = tuple(
            year
            for year, (federal, others) in enumerate(
                zip(plan.asked, plan.matched, strict=True), start=1
            )
            if by_year and federal and not rule.is_met(federal, others)
        )
        found.append(
            MatchFinding(
                rule=rule.id,
                citation=rule.citation,
                wanted_bp=rule.share_bp,
                share_bp=share_bp(matched, asked),
                is_met=not short if by_year else not asked or rule.is_met(asked, matched),
                by_year=by_year,
                short=short,
            )
        )
    return tuple(found)


def share_bp(part: int, rest: int) -> int | None:
    """What part of both together the first is; None over nothing."""
    return part * BASIS_POINTS // (part + rest) if part + rest else None


def refuse_analysis(stage: str, *, is_judged: bool, is_over: bool) -> Refusal | None:
    """Why no plan is analysed in the stage, or None; `is_judged` says whether it judges at all."""
    if not is_judged:
        return Refusal("stage_not_judged", _NOT_JUDGED, params={"stage": stage})
    return Refusal("competition_over", _OVER) if is_over else None


def refuse_no_plan(plan: PlanInput) -> Refusal | None:
    """Why there is nothing to analyse, or None."""
    return None if sum(plan.cost) else Refusal("no_budget", _NO_BUDGET, SUSTAINABILITY)


def faults_of_assumptions(
    said: Assumptions, before: Assumptions, plan: PlanInput, *, reason: str
) -> list[FieldError]:
    """What is wrong with the assumptions, each beside its field."""
    faults = []
    shares = {"honoured_bp": said.honoured_bp} | {
        f"honoured_{key}": value for key, value in said.honoured.items()
    }
    faults += [
        FieldError(name, message=_WRONG_SHARE)
        for name, value in shares.items()
        if not 0 <= value <= BASIS_POINTS
    ]
    spreads = {"spread_bp": said.spread_bp, "cost_spread_bp": said.cost_spread_bp} | {
        f"spread_{key}": value for key, value in said.spreads.items()
    }
    most = {"most": SPREAD_BP_MOST * 100 // BASIS_POINTS}
    faults += [
        FieldError(name, message=_WRONG_SPREAD, params=most)
        for name, value in spreads.items()
        if not 0 <= value <= SPREAD_BP_MOST
    ]
    if not 0 <= said.seed <= ANALYSIS_SEED_MAX:
        faults.append(FieldError("seed", message=_WRONG_SEED, params={"most": ANALYSIS_SEED_MAX}))
    if not 0 <= said.reserve_minor < AMOUNT_MINOR_MAX:
        params = {"most": AMOUNT_MINOR_MAX // 100}
        faults.append(FieldError("reserve_minor", message=_WRONG_RESERVE, params=params))
    if not 0 <= said.years_after <= YEARS_BEYOND_MOST:
        params = {"most": YEARS_BEYOND_MOST}
        faults.append(FieldError("years_after", message=_WRONG_YEARS, params=params))
    faults += [
        FieldError("", message=_NO_KEY, params={"key": key})
        for key in sorted({*said.honoured, *said.spreads} - plan.keys)
    ]
    if said != before and not reason.strip():
        faults.append(FieldError("reason", message=_NO_REASON))
    return faults


def assumptions_of(content: Mapping[str, Any]) -> Assumptions:
    """What `as_content` stored."""
    return Assumptions(**content)


# ----------------------------------------------------------------------------------------- leaves


def _amounts(letters: Iterable[Mapping[str, Any]]) -> list[tuple[int, int]]:
    return [(year, minor) for one in letters for year, minor in one["amounts"]]


def _by_year(amounts: Iterable[tuple[int, int]], years: int) -> tuple[int, ...]:
    """Amounts added up by year; what lies behind the last one counts in it."""
    return _in_years(((min(year, years), minor) for year, minor in amounts), years)


def _in_years(amounts: Iterable[tuple[int, int]], years: int) -> tuple[int, ...]:
    """Amounts added up by year, without what lies behind the last one."""
    found = [0] * years
    for year, minor in amounts:
        if year <= years:
            found[year - 1] += minor
    return tuple(found)


def _longer(amounts: Iterable[int], years: int) -> tuple[int, ...]:
    """The amounts with nothing in the years behind them."""
    known = tuple(amounts)
    return known + (0,) * (years - len(known))


def _revenue(lines: Sequence[Any], years: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Each stream's income by year, in the order of its name, without what comes later."""
    streams = sorted({stream for stream, year, _minor in lines if year <= years})
    return tuple(
        (key, _in_years(((year, minor) for stream, year, minor in lines if stream == key), years))
        for key in streams
    )
