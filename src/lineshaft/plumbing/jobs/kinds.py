"""The kinds of jobs there are: their handlers, and their names for people.

Each module named in the setting JOB_MODULES has a table `JOBS` (kind to handler) and may have a
table `JOB_TITLES` (kind to English msgid), and `DAILY_JOBS`, the kinds of which one runs each day
without being asked for. Nothing is registered by being imported.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module

from django.conf import settings

from lineshaft.kernel.errors import Unavailable
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.jobs.context import Handler


def handler_of(kind: str) -> Handler:
    """The handler declared for that kind of job. Raises Unavailable where there is none."""
    handler = _handlers(settings.JOB_MODULES).get(kind)
    if handler is None:
        raise Unavailable(
            gettext_noop("No part of this installation runs jobs of kind “%(kind)s”."),
            code="job_kind",
            params={"kind": kind},
        )
    return handler


def job_titles() -> Mapping[str, str]:
    """The names of kinds as English msgids; a kind without one shows as it is."""
    titles: dict[str, str] = {}
    for module in settings.JOB_MODULES:
        titles.update(getattr(import_module(module), "JOB_TITLES", {}))
    return titles


def daily_kinds() -> tuple[str, ...]:
    """The kinds of which one job runs each day, in the order of the modules."""
    return tuple(
        kind
        for module in settings.JOB_MODULES
        for kind in getattr(import_module(module), "DAILY_JOBS", ())
    )


def _handlers(modules: Iterable[str]) -> Mapping[str, Handler]:
    table: dict[str, Handler] = {}
    for module in modules:
        jobs: Mapping[str, Handler] = import_module(module).JOBS
        twice = table.keys() & jobs.keys()
        if twice:
            message = f"{module} declares kinds of jobs that another module has: {sorted(twice)}."
            raise ValueError(message)
        table.update(jobs)
    return table
