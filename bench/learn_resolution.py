"""Learn the weights of resolution from the labelled sets, and check them on what they were not
learned from.

    python -m bench.learn_resolution            learn from every set and write weights.toml
    python -m bench.learn_resolution --check    scores on sets and halves of sets left out
    python -m bench.learn_resolution --words    count the words of names into common_words.csv

The weights are those of a logistic regression with a ridge, over the levels of all pairs that
share a key. Comparisons are not independent (who shares a house shares a postal code), so the
weights of each by itself (m and u) would count much twice. Every set counts by a share of its own,
whatever its size. Numbers in names and distances are not learned: too few labelled pairs have any.

Source of the method: A. Gelman and J. Hill, Data Analysis Using Regression (2007), chapter 5.
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

from bench.resolution_sets import (
    PAIRS,
    SETS,
    TABLES,
    Labelled,
    Score,
    level_of_names,
    rows,
    score,
)
from lineshaft.engines.match.resolution import Record
from lineshaft.engines.match.resolution.clusters import grouped
from lineshaft.engines.match.resolution.comparisons import COMPARISONS, Weights
from lineshaft.engines.match.resolution.engine import FLOOR, pair_columns
from lineshaft.engines.match.resolution.keys import keys_table
from lineshaft.engines.match.resolution.names import read_name
from lineshaft.engines.match.resolution.on_duckdb import DuckDBEngine
from lineshaft.engines.match.resolution.prepare import Prepared, no_report, prepare, table_of
from lineshaft.engines.match.resolution.rarity import NAMES_SHIPPED

TARGET: Final = (
    Path(__file__).resolve().parent.parent / "src/lineshaft/engines/match/resolution/weights.toml"
)
WORDS: Final = TARGET.with_name("common_words.csv")
COMMON_MIN: Final = 8
"""Names of NAMES_SHIPPED that hold a word which is kept as common."""

SHARES: Final = {
    "chicago": 1.0,
    "ipeds": 0.5,
    "ipeds, five digits": 0.5,
    "ipeds, state only": 0.25,
    "affiliations": 0.3,
    "nsf": 0.1,
    "nsf, names only": 0.3,
    "companies": 1.0,
    "holders": 0.5,
    "small firms": 0.2,
}
FAMILIES: Final = {
    "chicago": ("chicago",),
    "ipeds": ("ipeds", "ipeds, five digits", "ipeds, state only"),
    "affiliations": ("affiliations",),
    "nsf": ("nsf", "nsf, names only"),
}
OWN: Final = {
    "numbers": {"same": 0, "one_has": -50, "differ": -300},
    "distance": {"same": 500, "near": 50, "town": -100, "far": -500},
    "placed": {"more": 0},
}
"""Weights that are not learned, in hundredths of a bit: our own figures."""

UNIT: Final = 1000.0
RIDGE: Final = 1.0
NOTHING: Final = Weights(
    0, {one.key: {level.key: 0 for level in one.levels} for one in COMPARISONS}
)

type Pattern = tuple[int, ...]
type Counts = dict[Pattern, list[float]]
"""For each pattern of levels how many pairs are one organisation, and how many two."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The prepared rows of a set, and all of its pairs: two rows and the numbers of levels."""

    prepared: Prepared
    pairs: list[tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Of each labelled set its pairs and labels; of these and of what is labelled pair by pair how
    often each pattern is one organisation, and how often two.
    """

    pairs: Mapping[str, Pairs]
    truths: Mapping[str, Mapping[str, str]]
    counts: Mapping[str, Counts]


def main(arguments: list[str]) -> int:
    if "--words" in arguments:
        WORDS.write_text(common_words(), encoding="utf-8")
        print(f"written to {WORDS}")
        return 0
    known = knowledge()
    weights = learned(known.counts)
    if "--check" not in arguments:
        TARGET.write_text(as_toml(weights), encoding="utf-8")
        print(f"written to {TARGET}")
    for name in SETS:
        print(f"{name}, learned from it: {judged(known.pairs[name], known.truths[name], weights)}")
    if "--check" in arguments:
        check(known)
    return 0


def left_out(known: Knowledge) -> dict[str, Score]:
    """The score of each set with weights learned without it and its like."""
    found = {}
    for names in FAMILIES.values():
        weights = learned({name: one for name, one in known.counts.items() if name not in names})
        for name in names:
            found[name] = judged(known.pairs[name], known.truths[name], weights)
    return found


def knowledge() -> Knowledge:
    """All that is labelled."""
    labelled = {name: parted(make()) for name, make in SETS.items()}
    pairs = {name: all_pairs(records) for name, (records, _truth) in labelled.items()}
    truths = {name: truth for name, (_records, truth) in labelled.items()}
    counts = {name: counted(pairs[name], truths[name]) for name in SETS}
    for name, make in PAIRS.items():
        records, judge = make()
        found = all_pairs(records)
        by_id = {record.id: record for record in records}
        tally: Counts = defaultdict(lambda: [0.0, 0.0])
        for left, right, *numbers in found.pairs:
            one, other = (by_id[found.prepared.ids[row][0]] for row in (left, right))
            if verdict := judge(one, other, level_of_names(numbers[0])):
                tally[tuple(numbers)][0 if verdict[0] else 1] += verdict[1]
        counts[name] = tally
    return Knowledge(pairs, truths, counts)


def common_words() -> str:
    """How many names hold a word, as if there were NAMES_SHIPPED distinct ones; labels are not
    read. Chicago's names are left out, as a check on the rest.
    """
    texts = {
        record.name for name, make in SETS.items() if name != "chicago" for record, _ in make()
    }
    texts |= {record.name for make in PAIRS.values() for record in make()[0]}
    texts |= {row["INSTNM"] for row in rows(TABLES / "ipeds_hd2020.csv.gz")}
    names = {read_name(text).words for text in texts}
    unit = NAMES_SHIPPED / len(names)
    counts = Counter(word for words in names for word in words)
    lines = [
        f"{word},{number}"
        for word, count in sorted(counts.items())
        if (number := round(count * unit)) >= COMMON_MIN
    ]
    return "\n".join(["word,names", *lines, ""])


def check(known: Knowledge) -> None:
    """Scores on what the weights were not learned from."""
    counts, pairs, truths = known.counts, known.pairs, known.truths
    for name, found in left_out(known).items():
        print(f"{name}, left out with its like: {found}")
    for names in FAMILIES.values():
        for half in (0, 1):
            kept = dict(counts)
            for name in names:
                kept[name] = counted(pairs[name], truths[name], half=half)
            weights = learned(kept)
            for name in names:
                seen = {one: t for one, t in truths[name].items() if half_of(t) != half}
                print(f"{name}, half {2 - half}: {judged(pairs[name], seen, weights)}")


def parted(labelled: Labelled) -> tuple[list[Record], dict[str, str]]:
    """The records, and the label of each id."""
    return [one for one, _label in labelled], {one.id: label for one, label in labelled}


def all_pairs(records: Iterable[Record]) -> Pairs:
    """All pairs that share a key, likely or not."""
    prepared = prepare(records, no_report)
    table = DuckDBEngine().score(table_of(prepared), keys_table(prepared), NOTHING)
    columns = [table.column(name).to_pylist() for name in pair_columns()]
    return Pairs(prepared, list(zip(*columns, strict=True)))


def half_of(label: str) -> int:
    """In which half of a set an organisation is."""
    return crc32(label.encode()) % 2


def counted(found: Pairs, truth: Mapping[str, str], *, half: int | None = None) -> Counts:
    """The patterns of a set, or of the pairs within one half of its organisations."""
    labels = [truth[ids[0]] for ids in found.prepared.ids]
    tally: Counts = defaultdict(lambda: [0.0, 0.0])
    for left, right, *numbers in found.pairs:
        one, other = labels[left], labels[right]
        if half is not None and not half_of(one) == half_of(other) == half:
            continue
        tally[tuple(numbers)][0 if one == other else 1] += 1
    return tally


def judged(found: Pairs, truth: Mapping[str, str], weights: Weights) -> Score:
    """The score of the clusters that weights make of the records of the truth."""
    ids = found.prepared.ids
    kept = {row for row, one in enumerate(ids) if one[0] in truth}
    links = [
        (weight, left, right)
        for left, right, *numbers in found.pairs
        if left in kept and right in kept and (weight := weights.of(numbers)) >= FLOOR
    ]
    groups = grouped(len(ids), links)
    clusters = {one: str(groups[row]) for row in kept for one in ids[row] if one in truth}
    return score(clusters, {one: truth[one] for one in clusters})


def learned(counts: Mapping[str, Counts]) -> Weights:
    """The weights of the pairs of these sets, each set by its share."""
    cases: list[tuple[list[int], float, float, float]] = []
    places: dict[tuple[int, int], int] = {}
    for name, tally in counts.items():
        alike = sum(one for one, _two in tally.values()) or 100.0
        unit = SHARES[name] * UNIT / alike
        for pattern, (one, two) in tally.items():
            fixed = 0.0
            held = [0]
            for number, (comparison, value) in enumerate(zip(COMPARISONS, pattern, strict=True)):
                level = comparison.level(value)
                if level is None:
                    continue
                own = OWN.get(comparison.key, {}).get(level.key)
                if own is None:
                    held.append(places.setdefault((number, value), len(places) + 1))
                else:
                    fixed += own / 100 * math.log(2)
            cases.append((held, fixed, one * unit, two * unit))
    found = _regression(cases, len(places) + 1)
    hundredths = [round(one / math.log(2) * 100) for one in found]
    levels: dict[str, dict[str, int]] = {}
    for number, comparison in enumerate(COMPARISONS):
        top = len(comparison.levels) - 1
        levels[comparison.key] = {
            level.key: OWN.get(comparison.key, {}).get(level.key, hundredths[place] if place else 0)
            for at, level in enumerate(comparison.levels)
            for place in [places.get((number, top - at), 0)]
        }
    return Weights(hundredths[0], levels)


def _regression(cases: Collection[tuple[list[int], float, float, float]], size: int) -> list[float]:
    """Newton's method on the penalised likelihood; the first coefficient is hardly penalised."""
    found = [0.0] * size
    ridge = [RIDGE / 1000, *[RIDGE] * (size - 1)]
    for _round in range(40):
        slope = [-penalty * value for penalty, value in zip(ridge, found, strict=True)]
        curve = [[ridge[row] if row == at else 0.0 for at in range(size)] for row in range(size)]
        for held, fixed, one, two in cases:
            logit = max(-30.0, min(30.0, fixed + sum(found[place] for place in held)))
            likely = 1 / (1 + math.exp(-logit))
            rest = one - (one + two) * likely
            bend = (one + two) * likely * (1 - likely)
            for place in held:
                slope[place] += rest
                for other in held:
                    curve[place][other] += bend
        step = _solved(curve, slope)
        found = [value + one for value, one in zip(found, step, strict=True)]
        if max(abs(one) for one in step) < 1e-6:
            break
    return found


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of linear equations by elimination; the matrix is positive definite."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        for row in range(at + 1, size):
            factor = rows[row][at] / rows[at][at]
            if factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[at], strict=True)]
    solution = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][place] * solution[place] for place in range(at + 1, size))
        solution[at] = (rows[at][size] - known) / rows[at][at]
    return solution


def as_toml(weights: Weights) -> str:
    """The file of weights."""
    lines = [
        "# What each level of likeness weighs, in bits: +1 doubles the odds that two are one.",
        "# Learned by bench/learn_resolution.py, which says from what and how; changes are lost.",
        "",
        f"prior = {weights.prior / 100:.2f}",
    ]
    for comparison in COMPARISONS:
        lines += ["", f"[{comparison.key}]"]
        levels = weights.levels[comparison.key]
        lines += [f"{level.key} = {levels[level.key] / 100:.2f}" for level in comparison.levels]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
