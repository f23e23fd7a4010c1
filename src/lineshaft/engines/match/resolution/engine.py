"""What an engine does for resolution: find the pairs that may be one organisation, and weigh them.

Both engines run the same plan with the same Splink settings: rows that share a key become pairs,
five numbers of each pair are worked out, and Splink puts the pair on its levels and adds up the
weights. An engine differs only in how it spells a handful of expressions and where its tables lie.

Splink carries one column of a pair along to the comparisons, `match_key`: the five numbers travel
in it, so that what two names share is worked out once and not once for each level. (It also looks
for a column of that name in the rows, which is why they have an empty one.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pyarrow as pa

from lineshaft.engines.match.resolution.comparisons import (
    COMPARISONS,
    LETTERS_MAX,
    Comparison,
    Weights,
    probability,
)
from lineshaft.engines.match.resolution.keys import BOTH, KEY_ROWS_MAX
from lineshaft.engines.match.resolution.prepare import BITS_BASE

FLOOR: Final = -600
"""Hundredths of a bit below which a pair is not kept: it counts as never compared."""

_SLACK: Final = 0.5
_PROBABILITY_MAX: Final = 0.5
_SMALL: Final = 16
"""Initials have fewer letters; to pack the numbers of a pair."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How an engine spells what its SQL has of its own; the places are columns or numbers."""

    dialect: str
    sum_of_bits: str
    most_bits: str
    shift: str
    holds: str

    def shared(self, column: str) -> str:
        return self.sum_of_bits.format(one=f"a.{column}", other=f"b.{column}", base=BITS_BASE)

    def most(self, column: str, other: str) -> str:
        return self.most_bits.format(one=f"a.{column}", other=f"b.{other}", base=BITS_BASE)


class Engine(Protocol):
    """Scores all pairs of rows that share a key."""

    def score(self, rows: pa.Table, keys: pa.Table, weights: Weights) -> pa.Table:
        """Pairs of at least FLOOR, one line each in no order: `l` and `r` (uid, l < r), and for
        each comparison `gamma_<key>`, the number of its level.
        """
        ...


def candidates_sql(spelling: Spelling) -> str:
    """The pairs of rows that share a key which not too many rows have, with their five numbers."""
    initials = (
        f"greatest({spelling.most('initials', 'shorts')}, {spelling.most('shorts', 'initials')})"
    )
    leads = [spelling.holds.format(many=f"{x}.leads", one=f"{y}.lead") for x, y in ("ab", "ba")]
    lead = (
        f"CASE WHEN {leads[0]} THEN b.lead % {BITS_BASE}"
        f" WHEN {leads[1]} THEN a.lead % {BITS_BASE} ELSE 0 END"
    )
    distance = f"least(levenshtein(a.spelling, b.spelling), {LETTERS_MAX})"
    shorter = "least(length(a.spelling), length(b.spelling))"
    letters = f"""
        CASE WHEN abs(length(a.spelling) - length(b.spelling)) < {LETTERS_MAX}
            AND (left(a.spelling, 2) = left(b.spelling, 2)
                OR right(a.spelling, 3) = right(b.spelling, 3))
        THEN CASE WHEN {distance} * 3 > {shorter} - {spelling.shared("lengths")}
            THEN {LETTERS_MAX} ELSE {distance} END
        ELSE {LETTERS_MAX} END
    """
    packed = (
        f"((({spelling.shared('words')} * {BITS_BASE} + {spelling.most('variants', 'variants')})"
        f" * {_SMALL} + {initials}) * {_SMALL} + {lead}) * {_SMALL} + {letters}"
    )
    return f"""
        WITH kept AS (
            SELECT key FROM keys GROUP BY key HAVING count(*) BETWEEN 2 AND {KEY_ROWS_MAX}
        ),
        found AS (
            SELECT keys.key, keys.side, keys.uid FROM keys JOIN kept ON keys.key = kept.key
        ),
        pairs AS (
            SELECT DISTINCT x.uid AS l, y.uid AS r
            FROM found AS x JOIN found AS y ON x.key = y.key
            WHERE x.uid < y.uid AND (x.side = {BOTH} OR x.side <> y.side)
        )
        SELECT pairs.l AS join_key_l, pairs.r AS join_key_r, {packed} AS match_key
        FROM pairs
        JOIN rows AS a ON a.uid = pairs.l
        JOIN rows AS b ON b.uid = pairs.r
    """  # noqa: S608 -- our own words and numbers, nothing of a file


def settings(spelling: Spelling, weights: Weights) -> dict[str, Any]:
    """Splink's settings: every comparison with its levels, and each level's weight as m and u."""
    shifts = {
        "shared": _SMALL**3 * BITS_BASE,
        "variant": _SMALL**3,
        "initials": _SMALL**2,
        "lead": _SMALL,
        "letters": 1,
    }
    sizes = {"variant": BITS_BASE, "initials": _SMALL, "lead": _SMALL, "letters": _SMALL}
    numbers = {}
    for name, unit in shifts.items():
        number = spelling.shift.format(value="match_key", bits=unit.bit_length() - 1)
        numbers[name] = f"({number} % {sizes[name]})" if name in sizes else f"({number})"
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "uid",
        "probability_two_random_records_match": probability(weights.prior / 100),
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [_comparison(one, numbers, weights) for one in COMPARISONS],
    }


def _comparison(
    comparison: Comparison, numbers: Mapping[str, str], weights: Weights
) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": comparison.unknown,
            "label_for_charts": "unknown",
            "is_null_level": True,
        }
    ]
    for level in comparison.levels:
        odds = 2.0 ** (weights.levels[comparison.key][level.key] / 100)
        is_last = level is comparison.levels[-1]
        levels.append(
            {
                "sql_condition": "ELSE" if is_last else level.condition.format(**numbers),
                "label_for_charts": level.label,
                "m_probability": _PROBABILITY_MAX * min(odds, 1.0),
                "u_probability": _PROBABILITY_MAX / max(odds, 1.0),
                "fix_m_probability": True,
                "fix_u_probability": True,
            }
        )
    return {"output_column_name": comparison.key, "comparison_levels": levels}


def predictions(
    api: Any, rows: Any, candidates: Any, configured: dict[str, Any], floor: float | None
) -> Any:
    """Splink's table of the weighed pairs, of at least `floor` bits, on its database API `api`."""
    from splink import Linker  # noqa: PLC0415 -- takes a second, which no other command should wait

    linker = Linker(api.register(rows), configured, validate_settings=False, log_level=None)
    linker.table_management.register_blocked_pairs_for_predict(api.register(candidates))
    return linker.inference.predict(threshold_match_weight=floor, warning_mode="never")


def floor_bits() -> float:
    """A little less than FLOOR in bits: Splink adds in floating point, FLOOR is applied exactly."""
    return FLOOR / 100 - _SLACK


def pair_columns() -> list[str]:
    """The columns of Splink's table that are read."""
    return ["uid_l", "uid_r", *(f"gamma_{one.key}" for one in COMPARISONS)]
