"""What a rule answers: nothing, or a refusal with the authority it rests on.

These are values only. Raising them is `lineshaft.kernel.refusals`; the exceptions are
`lineshaft.kernel.errors`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lineshaft.kernel.text import Translate, fill, untranslated


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule stands: the printed reference, its address if there is one, and its first day in
    force.
    """

    text: str
    url: str | None = None
    in_force_from: date | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule's no: a stable code for programs, a message for people, and the authority for it.

    `message` is an English message id with named places; `params` fills them after translation.
    """

    code: str
    message: str
    citation: Citation | None = None
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def as_text(self, translate: Translate = untranslated) -> str:
        """Return the message in the reader's language with its places filled."""
        return fill(self.message, self.params, translate)
