"""How far the reviews of each application of a stage are, counted as they change.

Invariant, held by the database itself (`TALLY_TRIGGERS`) and re-derived by `verify_tallies`: a
tally counts the assignments of its application that stand in its stage, and their reviews by state.
So a page counts a competition of 20,000 applications without reading 60,000 reviews.
"""

from typing import ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.reviewing import rules
from lineshaft.plumbing.triggers import Trigger


class ReviewTally(models.Model):
    """Of one application in one stage: how many are assigned to it, and how many of them have
    submitted, have a review returned, or a draft.
    """

    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="tallies", db_index=False
    )
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="tallies", db_index=False
    )
    assigned = models.IntegerField(_("reviews assigned"), default=0)
    submitted = models.IntegerField(_("reviews submitted"), default=0)
    returned = models.IntegerField(_("reviews returned"), default=0)
    draft = models.IntegerField(_("reviews begun"), default=0)

    class Meta:
        verbose_name = _("tally of reviews")
        verbose_name_plural = _("tallies of reviews")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["stage", "application"], name="reviewing_tally_of_an_application"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(  # a stage is summed up from here alone
                fields=["stage", "application", "assigned", "submitted", "returned", "draft"],
                name="reviewing_tally_sums",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}, {self.application_id}: {self.submitted} of {self.assigned}"


_TALLY: Final = "reviewing_reviewtally"
_STATES: Final = (rules.SUBMITTED, rules.RETURNED, rules.DRAFT)
_ONE: Final = "CASE WHEN {row}.state = '{state}' THEN 1 ELSE 0 END"

_ASSIGNED: Final = (
    f"INSERT INTO {_TALLY}"  # noqa: S608 -- names of our own tables, here and below
    " (stage_id, application_id, assigned, submitted, returned, draft)"
    " SELECT stage_id, NEW.application_id, 1, 0, 0, 0 FROM reviewing_panelseat"
    " WHERE id = NEW.seat_id"
    f" ON CONFLICT (stage_id, application_id) DO UPDATE SET assigned = {_TALLY}.assigned + 1;"
)
"""A new assignment, whose review nobody has begun."""

_SIGN: Final = "CASE WHEN NEW.removed_at IS NULL THEN 1 ELSE -1 END"
_OF_ASSIGNMENT: Final = (
    "application_id = NEW.application_id"
    " AND stage_id = (SELECT stage_id FROM reviewing_panelseat WHERE id = NEW.seat_id)"
)
_COUNTED: Final = (
    "(SELECT count(*) FROM reviewing_review WHERE assignment_id = NEW.id AND state = '{state}')"
)
_MOVED: Final = (
    f"UPDATE {_TALLY} SET assigned = assigned + {_SIGN}, "  # noqa: S608 -- as above
    + ", ".join(
        f"{state} = {state} + ({_SIGN}) * {_COUNTED.format(state=state)}" for state in _STATES
    )
    + f" WHERE {_OF_ASSIGNMENT};"
)
"""An assignment that is taken back, with its review."""

_OF_REVIEW: Final = (
    "application_id = (SELECT application_id FROM reviewing_assignment"
    " WHERE id = NEW.assignment_id AND removed_at IS NULL)"
    " AND stage_id = (SELECT s.stage_id FROM reviewing_assignment a"
    " JOIN reviewing_panelseat s ON s.id = a.seat_id WHERE a.id = NEW.assignment_id)"
)
"""Nothing where the assignment was taken back, since it counts no more."""

_BEGUN: Final = (
    f"UPDATE {_TALLY} SET "  # noqa: S608 -- as above
    + ", ".join(f"{state} = {state} + {_ONE.format(row='NEW', state=state)}" for state in _STATES)
    + f" WHERE {_OF_REVIEW};"
)
_WENT_ON: Final = (
    f"UPDATE {_TALLY} SET "  # noqa: S608 -- as above
    + ", ".join(
        f"{state} = {state} + {_ONE.format(row='NEW', state=state)}"
        f" - {_ONE.format(row='OLD', state=state)}"
        for state in _STATES
    )
    + f" WHERE {_OF_REVIEW};"
)


def _keeping(name: str, table: str, event: str, when: str, work: str) -> Trigger:
    """A trigger that keeps the tallies after an event on a table."""
    head = f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" FOR EACH ROW WHEN ({when})'
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $body$ BEGIN {work} RETURN NULL; END $body$"
    )
    return Trigger(
        name,
        table,
        f"{head} BEGIN {work} END",
        f"{function}; {head} EXECUTE FUNCTION {name}()",
    )


TALLY_TRIGGERS: Final = (
    _keeping(
        "reviewing_tally_assigned",
        "reviewing_assignment",
        "INSERT",
        "NEW.removed_at IS NULL",
        _ASSIGNED,
    ),
    _keeping(
        "reviewing_tally_taken_back",
        "reviewing_assignment",
        "UPDATE OF removed_at",
        "(OLD.removed_at IS NULL) <> (NEW.removed_at IS NULL)",
        _MOVED,
    ),
    _keeping("reviewing_tally_begun", "reviewing_review", "INSERT", "NEW.id IS NOT NULL", _BEGUN),
    _keeping(
        "reviewing_tally_went_on",
        "reviewing_review",
        "UPDATE OF state",
        "OLD.state <> NEW.state",
        _WENT_ON,
    ),
)
