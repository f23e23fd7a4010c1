"""Messages that open an account are marked, and those written before lose their text."""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

ACCOUNT_LINKS = ("/accounts/password/reset/key/", "/accounts/confirm-email/")
STATES = [("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed"), ("dropped", "Dropped")]


def drop_secrets(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Empty the texts that hold a link into an account; who needs one asks for a new one."""
    messages = apps.get_model("mail", "OutboxMessage").objects
    for link in ACCOUNT_LINKS:
        secret = messages.filter(body__contains=link)
        secret.filter(state="sent").update(is_secret=True, body="")
        secret.exclude(state="sent").update(is_secret=True, body="", state="dropped")


class Migration(migrations.Migration):
    """Not taken back row by row: a text once dropped is gone."""

    dependencies: ClassVar = [("mail", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="outboxmessage",
            name="is_secret",
            field=models.BooleanField(default=False, verbose_name="is secret"),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="state",
            field=models.CharField(
                choices=STATES, default="queued", max_length=16, verbose_name="state"
            ),
        ),
        migrations.RunPython(drop_secrets, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=Q(is_secret=False)
                | Q(state="queued")
                | Q(state__in=["sent", "dropped"], body=""),
                name="mail_message_secret_is_dropped",
            ),
        ),
    ]
