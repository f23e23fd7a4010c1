"""An adoption can be revoked before its day, with a reason.

Backwards there is no word for that, so it goes back only while no adoption was revoked.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.exceptions import IrreversibleError


def refuse_what_was_revoked(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    revoked = apps.get_model("governance", "PolicyVersion").objects.filter(state="revoked").count()
    if revoked:
        raise IrreversibleError(
            f"{revoked} adoption(s) of a policy were revoked, which no earlier release can say. Stay"
            " at this one, or restore a backup of that release."
        )


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_meetings")]

    operations = [
        migrations.RemoveConstraint(
            model_name="policyversion", name="governance_version_adopted_has_days"
        ),
        migrations.AddField(
            model_name="policyversion",
            name="revoked_on",
            field=models.DateField(blank=True, null=True, verbose_name="revoked on"),
        ),
        migrations.AddField(
            model_name="policyversion",
            name="why_revoked",
            field=models.CharField(
                blank=True, default="", max_length=200, verbose_name="why it was revoked"
            ),
        ),
        migrations.AlterField(
            model_name="policyversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("adopted", "Adopted"),
                    ("withdrawn", "Withdrawn"),
                    ("replaced", "Replaced by a later draft"),
                    ("revoked", "Adoption revoked"),
                ],
                default="draft",
                max_length=16,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("adopted_on__isnull", False),
                        ("in_force_on__isnull", False),
                        ("state", "adopted"),
                    ),
                    models.Q(
                        ("adopted_on__isnull", False),
                        ("in_force_on__isnull", True),
                        ("state", "revoked"),
                    ),
                    models.Q(
                        models.Q(("state__in", ("adopted", "revoked")), _negated=True),
                        ("adopted_on__isnull", True),
                        ("in_force_on__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="governance_version_adopted_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("revoked_on__isnull", False),
                        ("state", "revoked"),
                        models.Q(("why_revoked", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "revoked"), _negated=True),
                        ("revoked_on__isnull", True),
                        ("why_revoked", ""),
                    ),
                    _connector="OR",
                ),
                name="governance_version_revoked_has_reason",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_what_was_revoked),
    ]
