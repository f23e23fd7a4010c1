"""What many tests begin from: made by the verbs once a run, then laid down by the same statements.

A competition in its selection takes half a second of verbs, and its statements a few milliseconds.
They are kept by what was asked for and by all that they depend on: the language, the clock and the
settings. Where a test has written anything before, the verbs run; also on PostgreSQL, where keys do
not begin anew with each test.
"""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from lineshaft.plumbing import clock

_WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_TAKEN_BACK: Final = "ROLLBACK"
_UNNAMED: Final = " at 0x"
"""In how Python shows something that has no name of its own."""


@dataclass(slots=True)
class _Recording:
    """The statements that wrote, in their order, the files beside them and what was returned."""

    statements: list[tuple[str, Any, bool]] = field(default_factory=list)
    files: dict[Path, bytes] = field(default_factory=dict)
    made: bytes = b""
    is_whole: bool = True


@dataclass(slots=True)
class _Test:
    """How many changes the database had counted when the test began; None where it does not."""

    changes: int | None = None


_recordings: dict[tuple[object, ...], _Recording] = {}
_test = _Test()


def begin() -> None:
    """Before each test: what the database has counted of changes is of the tests before."""
    _test.changes = _changes()


def replayed[**P, T](make: Callable[P, T]) -> Callable[P, T]:
    """Make it by its verbs where a test begins from it for the first time, and lay it down again
    for the tests after; each gets a copy of what was returned.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        asked = repr((args, sorted(kwargs.items())))
        if _test.changes is None or _changes() != _test.changes or _UNNAMED in asked:
            return make(*args, **kwargs)
        key = (make.__module__, make.__qualname__, asked, *_around())
        found = _recordings.get(key)
        if found is not None and found.is_whole:
            _lay_down(found)
            return pickle.loads(found.made)  # type: ignore[no-any-return] # noqa: S301 -- our own
        new = _Recording(is_whole=found is None)
        with _recorded(new):
            result = make(*args, **kwargs)
        new.made = pickle.dumps(result)
        _recordings[key] = new
        return result

    return made


def _around() -> tuple[object, ...]:
    """What the same call depends on beside its arguments."""
    now = "" if clock.now.__module__ == clock.__name__ else clock.now().isoformat()
    assert connection.connection is not None
    (keys,) = connection.connection.execute(
        "SELECT coalesce(sum(seq), 0) FROM sqlite_sequence"
    ).fetchone()
    return (
        keys,
        now,
        translation.get_language(),
        settings.PROFILE,
        settings.IS_DEMONSTRATION,
        settings.MAIL_URL,
    )


def _changes() -> int | None:
    raw = connection.connection
    return raw.total_changes if connection.vendor == "sqlite" and raw is not None else None


@contextmanager
def _recorded(into: _Recording) -> Iterator[None]:
    """Note every statement that writes, and every file that is new."""
    before = _files()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if many:
            params = list(params)
        verb = sql.lstrip()[: len(_TAKEN_BACK)].upper()
        if verb.startswith(_WRITES):
            into.statements.append((sql, params, many))
        elif verb == _TAKEN_BACK:
            into.is_whole = False  # what was written before it does not stand
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield
    root = Path(settings.FILES_DIR)
    into.files = {path: (root / path).read_bytes() for path in _files() - before}


def _lay_down(found: _Recording) -> None:
    root = Path(settings.FILES_DIR)
    for path, content in found.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, params, many in found.statements:
            if many:
                cursor.executemany(sql, params)
            else:
                cursor.execute(sql, params)
                cursor.fetchall()  # what an insertion returns ends it


def _files() -> set[Path]:
    root = Path(settings.FILES_DIR)
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
