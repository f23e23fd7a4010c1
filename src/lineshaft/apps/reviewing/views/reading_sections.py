"""What a reviewer reads of an application beside what was handed in, such as a reply to remarks.

Each section is given by a function of the assignment, which returns None where there is none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.reviewing.models import Assignment
from lineshaft.apps.reviewing.queries import hides_applicants, reply_of
from lineshaft.apps.reviewing.views.replies import reply_lines


@dataclass(frozen=True, slots=True)
class ReadingSection:
    """A heading with its lines of text, and the page of its own."""

    key: str
    label: str
    lines: tuple[str, ...]
    url: str


def reply_section(assignment: Assignment) -> ReadingSection | None:
    """What the applicant replies to its reviewers, once the stage of reply is over."""
    reply = reply_of(assignment.application, assignment.seat.stage)
    if reply is None:
        return None
    lines = reply_lines(assignment, reply)
    if reply.file is not None:
        is_withheld = hides_applicants(assignment.seat.stage)
        withheld = _("The reply has a document, which is withheld: it may name who applies.")
        opened = _("The reply has a document, which its own page opens.")
        lines = (*lines, withheld if is_withheld else opened)
    url = reverse("reviewing:read_reply", args=[assignment.pk])
    return ReadingSection("reply", _("What the applicant replies"), lines, url)


SECTIONS: Final[tuple[Callable[[Assignment], ReadingSection | None], ...]] = (reply_section,)


def sections_of(assignment: Assignment) -> list[ReadingSection]:
    """The further sections of what the reviewer reads."""
    found = (section(assignment) for section in SECTIONS)
    return [one for one in found if one is not None]
