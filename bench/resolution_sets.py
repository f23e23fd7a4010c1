"""Labelled organisations for learning and measuring resolution, and how an answer is scored.

The labelled files lie beside the repository (bench.program.DATA); their README says what a label
means. The readings (resolution_readings.csv) are pairs of patent holders' names, drawn from the
candidates of each level of likeness and read by hand: one firm or two. `pairs` says how many
candidates a reading stands for; what a reader could not tell was left out.
"""

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.program import DATA
from lineshaft.engines.match.resolution import Record
from lineshaft.engines.match.resolution.comparisons import COMPARISONS
from lineshaft.engines.match.resolution.names import read_name
from lineshaft.engines.match.resolution.places import read_address

READINGS: Final = Path(__file__).with_name("resolution_readings.csv")
ENTITIES: Final = DATA / "entity_resolution"
TABLES: Final = DATA / "reference_tables"

type Labelled = list[tuple[Record, str]]


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of pairs, the same of records (B-cubed), and the share of the
    organisations that were found exactly.
    """

    precision: float
    recall: float
    record_precision: float
    record_recall: float
    exact: float

    @property
    def f1(self) -> float:
        return _f1(self.precision, self.recall)

    @property
    def record_f1(self) -> float:
        return _f1(self.record_precision, self.record_recall)

    def __str__(self) -> str:
        return (
            f"pairs P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f}; "
            f"records P {self.record_precision:.3f} R {self.record_recall:.3f} "
            f"F1 {self.record_f1:.3f}; organisations found exactly {self.exact:.3f}"
        )


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score(clusters: Mapping[str, str], truth: Mapping[str, str]) -> Score:
    """How well the clusters agree with the truth, over the records of the truth."""
    both = Counter((clusters[one], truth[one]) for one in truth)
    found = Counter(clusters[one] for one in truth)
    true = Counter(truth.values())
    hits, said, wanted = (
        sum(size * (size - 1) // 2 for size in counts.values()) for counts in (both, found, true)
    )
    number = len(truth)
    exact = sum(size == found[c] == true[t] for (c, t), size in both.items())
    return Score(
        hits / said if said else 1.0,
        hits / wanted if wanted else 1.0,
        sum(size * size / found[cluster] for (cluster, _t), size in both.items()) / number,
        sum(size * size / true[label] for (_c, label), size in both.items()) / number,
        exact / len(true),
    )


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def chicago() -> Labelled:
    return [
        (Record(f"{n:05}", r["name"], address=r["address"], zip=r["zip"], phone=r["phone"]), label)
        for n, r in enumerate(rows(ENTITIES / "chicago_early_childhood.csv.gz"))
        if (label := r["true_id"])
    ]


def ipeds() -> Labelled:
    return [
        (Record(f"{n:05}", r["name"], city=r["city"], state=r["state"], zip=r["zip"]), r["unitid"])
        for n, r in enumerate(rows(ENTITIES / "ipeds_name_alias.csv.gz"))
    ]


def ipeds_five_digits() -> Labelled:
    return [(replace(one, zip=one.zip[:5]), label) for one, label in ipeds()]


def ipeds_state_only() -> Labelled:
    return [(replace(one, zip="", city=""), label) for one, label in ipeds()]


def affiliations() -> Labelled:
    return [
        (Record(f"{n:05}", r["affiliation"]), r["ror_id"])
        for n, r in enumerate(rows(ENTITIES / "ror_crossref_train.csv.gz"))
    ]


def nsf() -> Labelled:
    return [
        (
            Record(f"{n:05}", r["name"], r["address"], r["city"], r["state"], r["zip"]),
            r["uei"],
        )
        for n, r in enumerate(rows(ENTITIES / "nsf_uei_names.csv.gz"))
    ]


def nsf_names_only() -> Labelled:
    return [(Record(one.id, one.name), label) for one, label in nsf()]


SETS: Final[dict[str, Callable[[], Labelled]]] = {
    "chicago": chicago,
    "ipeds": ipeds,
    "ipeds, five digits": ipeds_five_digits,
    "ipeds, state only": ipeds_state_only,
    "affiliations": affiliations,
    "nsf": nsf,
    "nsf, names only": nsf_names_only,
}

# ------------------------------------------------------------- what is labelled pair by pair

type Judge = Callable[[Record, Record, str], tuple[bool, float] | None]
"""Whether two records are one, and how many pairs that stands for; None where it is not known.
The text is the key of the level of their names.
"""

_ONE_NAME: Final = frozenset({"same_rare", "same", "run_together"})
_UNLIKE: Final = frozenset({"few", "none", "some", "some_rare", "half", "within_common"})


def companies() -> tuple[list[Record], Judge]:
    """Names of patent holders, with the readings."""
    names = {r["raw_assignee_organization"] for r in rows(_COMPANIES)}
    names |= {r["organization"] for r in rows(_HOLDERS)}
    with READINGS.open(encoding="utf-8", newline="") as file:
        known = {
            frozenset((r["one"], r["other"])): (r["same"] == "1", float(r["pairs"]))
            for r in csv.DictReader(file)
        }

    def judge(one: Record, other: Record, _level: str) -> tuple[bool, float] | None:
        return known.get(frozenset((one.name, other.name)))

    return [Record(f"{n:05}", name) for n, name in enumerate(sorted(names))], judge


def holders() -> tuple[list[Record], Judge]:
    """Patent holders with town, state and country. By reading: one name is one firm wherever it
    is, but for ST's; other names are other firms, but for Honeywell's, which are not judged.
    """

    def judge(one: Record, other: Record, level: str) -> tuple[bool, float] | None:
        if level in _ONE_NAME:
            return "stmicro" not in one.name.lower(), 1.0
        if "Honeywell" in one.name and "Honeywell" in other.name:
            return None
        return False, 1.0

    records = [
        Record(
            f"{n:05}",
            r["organization"],
            city=r["assignee_city"],
            state=r["assignee_state"],
            country=r["assignee_country"],
        )
        for n, r in enumerate(rows(_HOLDERS))
    ]
    return records, judge


def small_firms() -> tuple[list[Record], Judge]:
    """Firms with research awards: one name in two states is two firms, as is another name."""

    def judge(one: Record, other: Record, level: str) -> tuple[bool, float] | None:
        if level in _ONE_NAME | {"same_common"}:
            return (False, 1.0) if one.city and other.city and one.state != other.state else None
        return (False, 1.0) if level in _UNLIKE else None

    records = [
        Record(f"{n:05}", r["firm"], city=r["city"], state=r["state"], zip=r["zip"])
        for n, r in enumerate(rows(ENTITIES / "sbir_firms.csv.gz"))
    ]
    return records, judge


PAIRS: Final[dict[str, Callable[[], tuple[list[Record], Judge]]]] = {
    "companies": companies,
    "holders": holders,
    "small firms": small_firms,
}
_COMPANIES: Final = TABLES / "patentsview_us_company_assignees.csv.gz"
_HOLDERS: Final = TABLES / "patentsview_assignee_sample.csv.gz"

# --------------------------------------------------------------------------- simple rules


def by_name(record: Record) -> str:
    """The baseline: one name without legal form is one organisation."""
    return " ".join(read_name(record.name).words) or record.id


def by_address(record: Record) -> str:
    """The baseline: one house is one organisation."""
    read = read_address(record.address)
    return f"{read.house} {read.street} {read.direction}" if read.house else record.id


def level_of_names(number: int) -> str:
    """The key of the level of two names."""
    level = COMPARISONS[0].level(number)
    return level.key if level else ""
