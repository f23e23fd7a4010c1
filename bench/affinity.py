"""Affinity from text: how well it orders papers by reviewers' own word, beside plain TF-IDF.

The development part of the gold-standard set that lies beside the repository: 18 reviewers, each
with their own papers and up to ten others whose fit they told. Loss and accuracies are those of
its authors (I. Stelmakh and others, "A gold standard dataset for the reviewer assignment problem",
TMLR 2025, arXiv 2303.16750): two papers in the wrong order cost the difference of what the
reviewer said, a tie half of it, over all that can be lost; easy pairs are one of 4 or more and one
of 2 or less, hard ones two of 4 or more that differ. Intervals: reviewers drawn anew with
replacement, both methods on the same draw.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from bench.program import DATA
from bench.report import AtMost, Report, Row, Section
from lineshaft.engines.match.affinity import affinities

FILE: Final = DATA / "reviewer_assignment" / "goldstandard_dev18.json.gz"
DRAWS: Final = 10_000
SEED: Final = 11
HIGH: Final = 4
LOW: Final = 2

SECTION: Final = Section(
    "Affinity from text",
    "Gold-standard development set, 18 reviewers. Baseline: plain TF-IDF (scikit-learn's defaults,"
    " the mean over a reviewer's papers). Interval of the difference: 95 % of draws of reviewers.",
    [
        Row("loss", "affinity.loss", "affinity.baseline.loss", bound=AtMost(1.0)),
        Row("easy pairs in order", "affinity.easy", "affinity.baseline.easy"),
        Row("hard pairs in order", "affinity.hard", "affinity.baseline.hard"),
        Row("loss beside the baseline's, upper end", "affinity.difference.high", bound=AtMost(0.0)),
        Row("loss beside the baseline's, lower end", "affinity.difference.low"),
    ],
)

type Fits = Mapping[str, Mapping[str, float]]
"""By reviewer, by paper, how well it fits."""


@dataclass(frozen=True, slots=True)
class Gold:
    """What reviewers said, their own papers, and the text of every paper."""

    said: Fits
    own: Mapping[str, Sequence[str]]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tally:
    """What one reviewer's pairs of papers lost of what they could, and pairs in order of those
    that count.
    """

    lost: float
    at_stake: float
    easy: tuple[int, int]
    hard: tuple[int, int]


def measure(report: Report) -> None:
    """Loss and accuracies of ours and of the baseline, and the interval of their difference."""
    if not FILE.exists():
        report("affinity.loss", float("nan"), "", f"{FILE} is not there")
        return
    gold = read()
    ours, plain = tallies(gold, ours_of(gold)), tallies(gold, plain_of(gold))
    for name, found in (("affinity", ours), ("affinity.baseline", plain)):
        report(f"{name}.loss", loss(found), "", _interval(found, loss))
        report(f"{name}.easy", share(found, "easy"), "", f"{_pairs(found, 'easy')} pairs")
        report(f"{name}.hard", share(found, "hard"), "", f"{_pairs(found, 'hard')} pairs")
    low, high = paired_interval(ours, plain)
    better = sum(_loss_of(one) < _loss_of(other) for one, other in zip(ours, plain, strict=True))
    report("affinity.difference.low", low, "", "")
    report("affinity.difference.high", high, "", f"better for {better} of {len(ours)} reviewers")


def read() -> Gold:
    content = json.loads(gzip.decompress(FILE.read_bytes()))
    texts = {
        key: f"{paper['title']} {paper['abstract'] or ''}"
        for key, paper in content["papers"].items()
    }
    return Gold(content["expertise"], content["profiles"], texts)


def ours_of(gold: Gold) -> Fits:
    """Affinities of the program, over all papers that anybody told of."""
    asked = sorted({paper for papers in gold.said.values() for paper in papers})
    reviewers = sorted(gold.own)
    found = affinities(
        [gold.texts[paper] for paper in asked],
        [[gold.texts[paper] for paper in gold.own[one]] for one in reviewers],
    )
    return {
        reviewer: {
            paper: float(found[row, column])
            for row, paper in enumerate(asked)
            if paper in gold.said[reviewer]
        }
        for column, reviewer in enumerate(reviewers)
    }


def plain_of(gold: Gold) -> Fits:
    """The baseline's."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 -- only here

    keys = sorted(gold.texts)
    weights = TfidfVectorizer().fit_transform([gold.texts[key] for key in keys])
    alike = (weights @ weights.T).toarray()
    place = {key: at for at, key in enumerate(keys)}
    return {
        reviewer: {
            paper: float(np.mean([alike[place[paper], place[one]] for one in gold.own[reviewer]]))
            for paper in papers
        }
        for reviewer, papers in gold.said.items()
    }


def tallies(gold: Gold, fits: Fits) -> list[Tally]:
    """One tally for each reviewer, in order of their numbers."""
    return [_tally(gold.said[one], fits[one]) for one in sorted(gold.said)]


def loss(found: Sequence[Tally]) -> float:
    return sum(one.lost for one in found) / sum(one.at_stake for one in found)


def share(found: Sequence[Tally], which: str) -> float:
    counts = [getattr(one, which) for one in found]
    return float(sum(right for right, _all in counts) / sum(all_ for _right, all_ in counts))


def paired_interval(ours: Sequence[Tally], others: Sequence[Tally]) -> tuple[float, float]:
    """The middle 95 % of the difference of losses, over draws of reviewers."""
    return _middle(
        loss([ours[at] for at in drawn]) - loss([others[at] for at in drawn])
        for drawn in _draws(len(ours))
    )


def _interval(found: Sequence[Tally], figure: Callable[[Sequence[Tally]], float]) -> str:
    low, high = _middle(figure([found[at] for at in drawn]) for drawn in _draws(len(found)))
    return f"{low:.3f} to {high:.3f}"


def _draws(count: int) -> list[list[int]]:
    drawing = random.Random(SEED)
    return [drawing.choices(range(count), k=count) for _draw in range(DRAWS)]


def _middle(values: Iterable[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[len(ordered) // 40], ordered[-len(ordered) // 40]


def _tally(said: Mapping[str, float], fits: Mapping[str, float]) -> Tally:
    lost = at_stake = 0.0
    counts = {"easy": [0, 0], "hard": [0, 0]}
    for one, other in combinations(sorted(said), 2):
        truth, found = said[one] - said[other], fits[one] - fits[other]
        if not truth:
            continue
        at_stake += abs(truth)
        lost += abs(truth) * (0.5 if not found else float(truth * found < 0))
        worse, better = sorted((said[one], said[other]))
        for kind, counts_here in (
            ("hard", worse >= HIGH),
            ("easy", better >= HIGH >= LOW >= worse),
        ):
            if counts_here:
                counts[kind][0] += truth * found > 0
                counts[kind][1] += 1
    easy, hard = counts["easy"], counts["hard"]
    return Tally(lost, at_stake, (easy[0], easy[1]), (hard[0], hard[1]))


def _loss_of(one: Tally) -> float:
    return one.lost / one.at_stake if one.at_stake else 0.0


def _pairs(found: Sequence[Tally], which: str) -> int:
    return sum(getattr(one, which)[1] for one in found)
