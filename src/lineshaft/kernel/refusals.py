"""Refusals: how a rule's no reaches the caller.

A rule returns a `Refusal` or None; a service hands the answer to `refuse_if`, which raises it. So
rules stay pure, and pages can ask a rule beforehand what it would say.
"""

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.errors import Refused

__all__ = ["Citation", "Refusal", "refuse_if"]


def refuse_if(refusal: Refusal | None) -> None:
    """Raise Refused when a rule answered with a refusal; return quietly when it answered None."""
    if refusal is not None:
        raise Refused(refusal)
