from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lineshaft.kernel.ids import derived_id
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.search.models import SearchEntry, SearchToken

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = datetime(2026, 3, 2, 15, 30, 0, 123456, tzinfo=UTC)
COLUMNS = tuple(str(field.column) for field in Job._meta.concrete_fields)


def job(number: int) -> Job:
    return Job(
        id=derived_id("test.bulk", number),
        kind="test.kind",
        payload={"name": "a\tb\\N\n“中文”", "number": number},
        actor_label="x" if number % 2 else "",
        requested_at=NOW,
        run_after=NOW,
        finished_at=NOW if number % 2 else None,
        lease_token=derived_id("test.lease", number) if number % 2 else None,
        note="\\N",
        unique_key=str(number),
    )


def values_of(one: Job) -> list[object]:
    return [getattr(one, field.attname) for field in Job._meta.concrete_fields]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_insert_rows_stores_what_the_models_would_have_stored(count: int) -> None:
    jobs = [job(number) for number in range(count)]
    Job.objects.bulk_create(jobs)
    stored = list(Job.objects.order_by("unique_key").values())
    Job.objects.all().delete()
    insert_rows(Job, COLUMNS, [values_of(one) for one in jobs])
    assert list(Job.objects.order_by("unique_key").values()) == stored


def test_insert_rows_leaves_out_what_is_stored_already() -> None:
    jobs = [job(number) for number in range(3)]
    jobs[1].save()
    rows = [values_of(one) for one in jobs]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Job, COLUMNS, rows)
    insert_rows(Job, COLUMNS, rows, ignore_conflicts=True)
    assert list(Job.objects.order_by("unique_key").values_list("pk")) == [(one.pk,) for one in jobs]


def test_insert_rows_in_another_order_of_columns_stores_the_same() -> None:
    insert_rows(Job, COLUMNS[::-1], [values_of(job(1))[::-1]])
    assert values_of(Job.objects.get()) == values_of(job(1))


def test_insert_rows_of_many_rows_is_one_statement() -> None:
    entry = SearchEntry.objects.create(kind="k", object_id="1", title="t", title_folded="t")
    rows = [(entry.pk, f"token{number}", 1) for number in range(500)]
    with CaptureQueriesContext(connection) as queries:
        insert_rows(SearchToken, ("entry_id", "token", "weight"), rows)
    assert SearchToken.objects.count() == 500
    assert len(queries) == 1


@pytest.mark.parametrize(
    "columns",
    [COLUMNS[1:], (*COLUMNS, "other"), (*COLUMNS, COLUMNS[0])],
    ids=["one missing", "one unknown", "one twice"],
)
def test_insert_rows_without_exactly_the_columns_of_the_table_is_a_mistake(
    columns: tuple[str, ...],
) -> None:
    with pytest.raises(ValueError, match=r"jobs\.Job has the columns"):
        insert_rows(Job, columns, [])


def test_insert_rows_meets_the_constraints_of_the_table() -> None:
    rows = [values_of(job(1)), values_of(job(1))]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Job, COLUMNS, rows)
    assert Job.objects.count() == 0
