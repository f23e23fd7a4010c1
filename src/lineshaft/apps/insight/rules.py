"""What insight decides: who attests and publishes, when a report may go out, what changed, and how
money flows through the portfolio.

An edition of the annual report is a draft until it is published; what is published never changes,
and is only ever followed by another edition with its reason. A part (one institute's figures in an
edition) is attested over a digest of those figures, so it is stale as soon as they change.
Every decision is pure: a `Refusal` with its citation, or None.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from lineshaft.kernel.refusals import Citation, Refusal
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

type Amounts = Mapping[tuple[str, str], int]
"""Minor units by two keys, the institute's being the second."""


class EditionState(StrEnum):
    """Where an edition of the annual report stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RESTATED = "restated"


class DenominatorMeasure(StrEnum):
    """What money is set against, state by state."""

    POPULATION = "population"
    MANUFACTURING_JOBS = "manufacturing_jobs"


class PartState(StrEnum):
    """Whether an institute has attested its figures."""

    DRAFT = "draft"
    ATTESTED = "attested"


class DocumentFormat(StrEnum):
    """The forms in which a report is kept."""

    JSON = "json"
    PDF = "pdf"
    XLSX = "xlsx"


LANGUAGES: Final = ("en", "zh-hans")
"""The languages in which every report is made."""

SNAPSHOTS_KEPT: Final = 5
"""Besides the snapshots of reports; older ones are removed."""

UNFINISHED_KEPT: Final = timedelta(days=1)
"""After this a snapshot that nobody finished was left by a killed program."""

RECORDS_PER_PAGE: Final = 50

YEARS_KEPT: Final = (1900, 2199)
"""Years of which a state's number may be."""

MOST_KEPT: Final = 10_000_000_000
"""More than all people: a larger number of a state is a slip."""

YEARLY_REPORT: Final = Citation(
    text="15 U.S.C. 278s(j)",
    url="https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s",
)
"""Recipients report at least yearly; the programme office to Congress (law: L-051, L-052)."""

TRANSITIONS: Final[dict[str, Workflow]] = {
    "report_edition": Workflow(
        name="report_edition",
        initial=EditionState.DRAFT,
        transitions=(
            Transition("publish_report", frozenset({EditionState.DRAFT}), EditionState.PUBLISHED),
            Transition(
                "restate_report", frozenset({EditionState.PUBLISHED}), EditionState.RESTATED
            ),
        ),
        final=frozenset({EditionState.RESTATED}),
    ),
    "institute_part": Workflow(
        name="institute_part",
        initial=PartState.DRAFT,
        transitions=(
            Transition("attest_part", frozenset({PartState.DRAFT}), PartState.ATTESTED),
            Transition("withdraw_attestation", frozenset({PartState.ATTESTED}), PartState.DRAFT),
        ),
    ),
}

_OFFICE: Final = frozenset({Role.PROGRAMME_OFFICER})
_ONLY_OFFICE: Final = gettext_noop("Only the programme office may do this.")
_ONLY_MANAGER: Final = gettext_noop("Only the institute's manager may do this.")

PERMISSIONS: Final = permissions(
    Permission(
        "take_snapshot",
        gettext_noop(
            "The programme office, the institutes' staff and the sponsoring agencies may bring "
            "the figures up to date."
        ),
        frozenset(
            {
                Role.PROGRAMME_OFFICER,
                Role.ADMINISTRATOR,
                Role.INSTITUTE_MANAGER,
                Role.INSTITUTE_FINANCE,
                Role.AGENCY_SPONSOR,
            }
        ),
    ),
    Permission("open_report", _ONLY_OFFICE, _OFFICE),
    Permission("publish_report", _ONLY_OFFICE, _OFFICE),
    Permission("restate_report", _ONLY_OFFICE, _OFFICE),
    Permission("attest_part", _ONLY_MANAGER, frozenset({Role.INSTITUTE_MANAGER})),
    Permission("withdraw_attestation", _ONLY_MANAGER, frozenset({Role.INSTITUTE_MANAGER})),
    Permission("load_published_values", _ONLY_OFFICE, _OFFICE),
    Permission(
        "record_denominators",
        gettext_noop("Only the programme office and administrators may do this."),
        frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR}),
    ),
)


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that goes from one place of the portfolio to another; the amount is above zero."""

    source: str
    target: str
    amount_minor: int


class Place(StrEnum):
    """A place of money that is no agency, institute, kind or category of its own."""

    RETURNED = "returned"  # went back to an agency, beyond what it paid
    TAKEN_BACK = "taken_back"  # costs corrected, beyond what was incurred
    NO_COST = "no_cost"  # drawn, and no cost is recorded for it
    AHEAD = "ahead"  # costs that no drawdown has paid yet
    BROUGHT = "brought"  # used as the partners brought it


def agency_place(key: str) -> str:
    """The place of an agency in the flow of money."""
    return f"agency/{key}"


def kind_place(key: str) -> str:
    """The place of a kind of cost share."""
    return f"kind/{key}"


def institute_place(key: str) -> str:
    """The place of an institute."""
    return f"institute/{key}"


def category_place(key: str) -> str:
    """The place of a category of cost."""
    return f"category/{key}"


def money_flows(*, drawn: Amounts, brought: Amounts, incurred: Amounts | None) -> tuple[Flow, ...]:
    """How money came to the institutes and what it was used for, in order of source and target.

    `drawn` is by agency and institute, `brought` by kind of cost share and institute, `incurred` by
    category of cost and institute, None where its use may not be told: then nothing leaves an
    institute but what went back. With uses, what comes to an institute leaves it, to the minor
    unit: what is drawn beyond its costs goes to `NO_COST`, costs beyond come from `AHEAD`.
    """
    flows: list[tuple[str, str, int]] = []
    federal: dict[str, int] = {}
    partners: dict[str, int] = {}
    for (agency, institute), amount in drawn.items():
        place = institute_place(institute)
        flows.append(
            (agency_place(agency), place, amount)
            if amount > 0
            else (place, Place.RETURNED, -amount)
        )
        federal[place] = federal.get(place, 0) + amount
    for (kind, institute), amount in brought.items():
        place = institute_place(institute)
        flows.append((kind_place(kind), place, amount))
        partners[place] = partners.get(place, 0) + amount
    if incurred is not None:
        for (category, institute), amount in incurred.items():
            place = institute_place(institute)
            flows.append(
                (place, category_place(category), amount)
                if amount > 0
                else (Place.TAKEN_BACK, place, -amount)
            )
            federal[place] = federal.get(place, 0) - amount
        flows += [(place, Place.NO_COST, left) for place, left in federal.items() if left > 0]
        flows += [(Place.AHEAD, place, -left) for place, left in federal.items() if left < 0]
        flows += [(place, Place.BROUGHT, amount) for place, amount in partners.items()]
    summed: dict[tuple[str, str], int] = {}
    for source, target, amount in flows:
        summed[str(source), str(target)] = summed.get((str(source), str(target)), 0) + amount
    return tuple(
        Flow(source, target, amount)
        for (source, target), amount in sorted(summed.items())
        if amount
    )


def digest_of_figures(values: Iterable[Sequence[object]]) -> str:
    """A digest of figure values (figure, version, dimension, numerator, denominator), in any order.

    Empty values count as zero for a number and as nothing for a name, so that a row that is not
    there and a row of nothing are one.
    """
    lines = sorted(json.dumps(list(value), ensure_ascii=False) for value in values)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def part_is_stale(state: str, attested_digest: str, digest: str) -> bool:
    """Whether an attestation no longer holds, since the figures are others now."""
    return state == PartState.ATTESTED and attested_digest != digest


def attestation_is_current(seen_digest: str, digest: str) -> Refusal | None:
    """Refuse to attest figures other than those that were shown."""
    if seen_digest == digest:
        return None
    return Refusal(
        "figures_changed",
        gettext_noop(
            "The figures changed while you were reading them. Read them again, then attest."
        ),
        citation=YEARLY_REPORT,
    )


def report_is_attested(*, not_attested: Sequence[str], stale: Sequence[str]) -> Refusal | None:
    """Refuse to publish before every institute stands behind its own figures."""
    if not not_attested and not stale:
        return None
    if not stale:
        message = gettext_noop(
            "The report cannot be published yet. Not attested: %(not_attested)s."
        )
    elif not not_attested:
        message = gettext_noop(
            "The report cannot be published yet. Changed since they were attested: %(stale)s."
        )
    else:
        message = gettext_noop(
            "The report cannot be published yet. Not attested: %(not_attested)s. Changed since "
            "they were attested: %(stale)s."
        )
    return Refusal(
        "parts_not_attested",
        message,
        citation=YEARLY_REPORT,
        params={"not_attested": tuple(not_attested), "stale": tuple(stale)},
    )


def report_has_parts(count: int) -> Refusal | None:
    """Refuse a report to which no institute has anything to say."""
    if count:
        return None
    return Refusal(
        "report_empty",
        gettext_noop(
            "No institute has members or money in this fiscal year. Choose another year, or "
            "enter its records and bring the figures up to date."
        ),
    )


def year_is_open(open_number: int | None, published_number: int | None) -> Refusal | None:
    """Refuse a first edition where there is one already."""
    if open_number is not None:
        return Refusal(
            "report_open",
            gettext_noop("Edition %(number)s of this report is open already."),
            params={"number": open_number},
        )
    if published_number is not None:
        return Refusal(
            "report_published",
            gettext_noop(
                "Edition %(number)s of this report is published. Restate it to change it."
            ),
            params={"number": published_number},
        )
    return None


def reason_given(reason: str) -> Refusal | None:
    """Refuse a restatement that does not say why."""
    if reason.strip():
        return None
    return Refusal(
        "reason_missing",
        gettext_noop("Say why the report is restated: the reason is printed on the new edition."),
        citation=YEARLY_REPORT,
    )


def year_has_figures(fiscal_year: int, known: Sequence[int]) -> Refusal | None:
    """Refuse a fiscal year that the snapshot does not reach."""
    if fiscal_year in known:
        return None
    return Refusal(
        "year_unknown",
        gettext_noop("The records do not reach fiscal year %(fiscal_year)s."),
        params={"fiscal_year": fiscal_year},
    )


def denominator_usable(
    *, state: str, is_known: bool, year: int, number: int, source: str
) -> Refusal | None:
    """Refuse a number of no known state or year, one that nothing can be divided by, one of no
    source.
    """
    if not is_known:
        return Refusal(
            "state_unknown",
            gettext_noop("There is no state “%(state)s” in this jurisdiction. Write its code."),
            params={"state": state},
        )
    if not YEARS_KEPT[0] <= year <= YEARS_KEPT[1]:
        return Refusal(
            "year_out_of_range",
            gettext_noop("Write a year from %(first)d to %(last)d."),
            params={"first": YEARS_KEPT[0], "last": YEARS_KEPT[1]},
        )
    if not 1 <= number <= MOST_KEPT:
        return Refusal(
            "number_out_of_range",
            gettext_noop("The number of %(state)s is not above zero, or larger than any state’s."),
            params={"state": state},
        )
    if not source.strip():
        return Refusal(
            "source_missing",
            gettext_noop("Say where the number of %(state)s comes from."),
            params={"state": state},
        )
    return None
