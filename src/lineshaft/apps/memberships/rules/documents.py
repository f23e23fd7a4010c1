"""What an institute shares of how it works, so that the others need not find it out again.

*Source*: NNMI: A Preliminary Design (January 2013): the network shares resources, results, annual
reports and work plans.
"""

from enum import StrEnum
from typing import Final


class DocumentKind(StrEnum):
    """What an institute's document is about."""

    OPERATING_MODEL = "operating_model"
    WORK_PLAN = "work_plan"
    EXPERIENCE = "experience"
    RESULT = "result"


DOCUMENT_TITLE_MAX: Final = 200
WHY_MAX: Final = 300
