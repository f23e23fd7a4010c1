"""Pairs of organisations carry how likely they are one, and what speaks for and against it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0006_award_overlaps")]

    operations = [
        migrations.RemoveIndex(model_name="organisationpair", name="network_pair_state"),
        migrations.AddField(
            model_name="organisationpair",
            name="probability_bp",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="probability"),
        ),
        migrations.AddField(
            model_name="organisationpair",
            name="weight_centibits",
            field=models.IntegerField(blank=True, null=True, verbose_name="weight"),
        ),
        migrations.AddField(
            model_name="organisationpair",
            name="evidence",
            field=models.JSONField(
                blank=True, default=list, verbose_name="what speaks for and against it"
            ),
        ),
        migrations.AddField(
            model_name="organisationpair",
            name="weighed_names",
            field=models.JSONField(
                blank=True, default=list, verbose_name="names that were weighed"
            ),
        ),
        migrations.AddField(
            model_name="organisationpair",
            name="cluster",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="group"),
        ),
        migrations.AddField(
            model_name="organisationpair",
            name="weighed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="weighed at"),
        ),
        migrations.AddIndex(
            model_name="organisationpair",
            index=models.Index(
                fields=["state", "-probability_bp", "-score_bp", "id"], name="network_pair_state"
            ),
        ),
        migrations.AddIndex(
            model_name="organisationpair",
            index=models.Index(
                condition=models.Q(("cluster__isnull", False)),
                fields=["cluster"],
                name="network_pair_cluster",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisationpair",
            constraint=models.CheckConstraint(
                condition=models.Q(("probability_bp__lt", 10_000)), name="network_pair_never_sure"
            ),
        ),
    ]
