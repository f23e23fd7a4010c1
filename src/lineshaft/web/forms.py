"""Forms at the edge: how a refusal or a fault in what was entered gets back beside its field."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.forms import BaseForm, DateInput

from lineshaft.kernel.errors import Invalid, Refused, Stale
from lineshaft.kernel.refusals import Refusal
from lineshaft.web.formats import spoken

INVALID_STATUS = 422
REFUSED_STATUS = 409


def status_of(form: BaseForm) -> int:
    """200 for a form not yet sent or in order, 422 for one with faults."""
    return INVALID_STATUS if form.is_bound and form.errors else 200


class DayInput(DateInput):
    """A day, by the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


@dataclass(slots=True)
class errors_into_form:  # noqa: N801 -- used as a verb: `with errors_into_form(form) as outcome:`
    """Run a service and put its Invalid, Refused or Stale into the form instead of raising it.

    with errors_into_form(form) as outcome:
        thing = services.record_thing(actor, ...)
        return redirect(thing.get_absolute_url())
    return render_page(request, "...", {"form": form, "refusal": outcome.refusal},
                       status=outcome.status)

    A fault that names a field of the form stands beside it, any other in the summary at the top.
    `status` is what to answer with, `refusal` the rule that said no.
    """

    form: BaseForm
    status: int = 200
    refusal: Refusal | None = None

    def __enter__(self) -> Self:
        """The outcome, to be read after the block."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> bool:
        """Take the error in; True where the form now says what is wrong."""
        match error:
            case Invalid():
                self.status = INVALID_STATUS
                self._add_faults(error)
            case Refused():
                self.status, self.refusal = REFUSED_STATUS, error.refusal
                self.form.add_error(None, error.as_text(spoken))
            case Stale():
                self.status = REFUSED_STATUS
                self.form.add_error(None, error.as_text(spoken))
            case _:
                return False
        return True

    def _add_faults(self, error: Invalid) -> None:
        if not error.errors:
            self.form.add_error(None, error.as_text(spoken))
        for fault in error.errors:
            if fault.field in self.form.fields:
                self.form.add_error(fault.field, fault.as_text(spoken))
            else:
                self.form.add_error(None, fault.as_located_text(spoken))
