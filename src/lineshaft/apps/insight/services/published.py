"""Keeping what others published, to stand beside what is computed."""

from datetime import datetime

from django.db import transaction

from lineshaft.apps.insight import rules
from lineshaft.apps.insight.models import PublishedValue
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.reference.published import load_published_values as shipped_values


def load_published_values(actor: Actor, *, now: datetime) -> int:
    """Keep the published values that ship, conflicting ones side by side; how many there are.

    The stored values are replaced only where the shipped ones are others, so a repetition writes
    nothing.
    """
    permit(actor, rules.PERMISSIONS["load_published_values"])
    rows = _rows()
    columns = [
        field.name for field in PublishedValue._meta.concrete_fields if not field.primary_key
    ]
    wanted = [tuple(getattr(row, name) for name in columns) for row in rows]
    with transaction.atomic():
        stored = list(PublishedValue.objects.order_by("position").values_list(*columns))
        if stored != wanted:
            PublishedValue.objects.all().delete()
            PublishedValue.objects.bulk_create(rows, batch_size=500)
            record_event(
                actor,
                "load_published_values",
                ("insight.publishedvalue", "all"),
                now=now,
                count=len(rows),
            )
    return len(rows)


def _rows() -> list[PublishedValue]:
    shipped = shipped_values()
    metrics = {metric.id: metric for metric in shipped.metrics}
    return [
        PublishedValue(
            metric=value.metric_id,
            name=metrics[value.metric_id].name,
            name_zh=metrics[value.metric_id].name_zh,
            unit=metrics[value.metric_id].unit.value,
            period=value.period,
            first_year=value.first_year,
            last_year=value.last_year,
            value=value.text if value.number is None else str(value.number),
            precision=value.precision.value,
            qualifier=value.qualifier,
            note=value.sourced.note,
            figure_note=metrics[value.metric_id].figure_note,
            source=value.sourced.source,
            confidence=value.sourced.confidence.value,
            position=position,
        )
        for position, value in enumerate(shipped.values)
    ]
