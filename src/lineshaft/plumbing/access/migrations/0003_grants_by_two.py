"""Grants end on the day they are taken back and may wait for a second person; and no user signs in
by an address that was not registered for them.
"""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Q


def forget_added_addresses(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop every address that is not the user's own: anybody could add any, unverified."""
    addresses = apps.get_model("account", "EmailAddress").objects
    addresses.exclude(email=F("user__email")).delete()


def user_key() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_cache_table"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="is_waiting",
            field=models.BooleanField(default=False, verbose_name="waits for a second person"),
        ),
        migrations.AddField(model_name="grant", name="granted_by", field=user_key()),
        migrations.AddField(model_name="grant", name="confirmed_by", field=user_key()),
        migrations.RemoveConstraint(model_name="grant", name="access_grant_span_has_days"),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="access_grant_span_is_forward",
            ),
        ),
        migrations.RemoveConstraint(model_name="grant", name="access_grant_once"),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=Q(ends_on__isnull=True),
                fields=("user", "role", "scope_kind", "scope_id", "starts_on"),
                name="access_grant_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("granted_by")),
                name="access_grant_two_persons",
            ),
        ),
        migrations.RunPython(forget_added_addresses, migrations.RunPython.noop),
    ]
