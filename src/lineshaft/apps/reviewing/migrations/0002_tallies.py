"""Reviews are tallied by application and stage as they change; those that are there, now."""

import django.db.models.deletion
from django.db import migrations, models

TALLY = """
INSERT INTO reviewing_reviewtally
    (stage_id, application_id, assigned, submitted, returned, draft)
SELECT s.stage_id, a.application_id, count(*),
    sum(CASE WHEN r.state = 'submitted' THEN 1 ELSE 0 END),
    sum(CASE WHEN r.state = 'returned' THEN 1 ELSE 0 END),
    sum(CASE WHEN r.state = 'draft' THEN 1 ELSE 0 END)
FROM reviewing_assignment a
JOIN reviewing_panelseat s ON s.id = a.seat_id
LEFT JOIN reviewing_review r ON r.assignment_id = a.id
WHERE a.removed_at IS NULL
GROUP BY s.stage_id, a.application_id
ORDER BY s.stage_id, a.application_id
"""


class Migration(migrations.Migration):
    dependencies = [("competitions", "0005_lists"), ("reviewing", "0001_tables")]

    operations = [
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["state", "submitted_at"], name="reviewing_review_submitted"),
        ),
        migrations.CreateModel(
            name="ReviewTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("assigned", models.IntegerField(default=0, verbose_name="reviews assigned")),
                ("submitted", models.IntegerField(default=0, verbose_name="reviews submitted")),
                ("returned", models.IntegerField(default=0, verbose_name="reviews returned")),
                ("draft", models.IntegerField(default=0, verbose_name="reviews begun")),
                (
                    "application",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="competitions.application",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="competitions.stage",
                    ),
                ),
            ],
            options={
                "verbose_name": "tally of reviews",
                "verbose_name_plural": "tallies of reviews",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["stage", "application"], name="reviewing_tally_of_an_application"
                    )
                ],
                "indexes": [
                    models.Index(
                        fields=[
                            "stage",
                            "application",
                            "assigned",
                            "submitted",
                            "returned",
                            "draft",
                        ],
                        name="reviewing_tally_sums",
                    )
                ],
            },
        ),
        migrations.RunSQL(TALLY, migrations.RunSQL.noop),
    ]
