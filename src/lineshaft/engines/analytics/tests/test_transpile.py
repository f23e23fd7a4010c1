import pytest

from lineshaft.engines.analytics.engine import QueryFailed
from lineshaft.engines.analytics.tests.books import TAKINGS_YEARS
from lineshaft.engines.analytics.transpile import to_spark


def one_line(sql: str) -> str:
    return " ".join(to_spark(sql).split())


def test_query_goes_over_to_spark() -> None:
    assert "GROUPING SETS" in to_spark(TAKINGS_YEARS)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        pytest.param(
            "SELECT CAST(a AS HUGEINT) FROM t", "SELECT CAST(a AS DECIMAL(38, 0)) FROM t", id="wide"
        ),
        pytest.param("SELECT a // b FROM t", "SELECT a DIV b FROM t", id="whole-division"),
        pytest.param(
            "SELECT date_diff('day', a, b) FROM t", "SELECT DATEDIFF(DAY, a, b) FROM t", id="days"
        ),
        pytest.param(
            "SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a NULLS LAST", id="nulls-last"
        ),
    ],
)
def test_what_spark_says_otherwise_is_said_in_its_words(sql: str, said: str) -> None:
    assert one_line(sql) == said


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        pytest.param("SELECT FROM WHERE (", "not transpiled", id="no-query"),
        pytest.param(
            "SELECT date_diff('month', a, b) FROM t", "count a MONTH differently", id="months"
        ),
    ],
)
def test_what_does_not_carry_over_is_refused(sql: str, said: str) -> None:
    with pytest.raises(QueryFailed, match=said):
        to_spark(sql)
