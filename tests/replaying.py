"""What many tests begin from: made by the verbs once a run, then laid down by the same statements.

A competition in its selection takes half a second of verbs, and its statements a few milliseconds.
They are kept by what was asked for and by all that it depends on: what the test has written before,
in its order, the language, the clock and the settings. Where that is not known for certain the
verbs run; also on PostgreSQL, where keys do not begin anew with each test.

What one worker has made, the others and the parts of a run after it lay down too: recordings lie in
the folder that scripts/run_tests.py names for its run, and else in memory alone.
"""

import os
import pickle
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import translation

from lineshaft.plumbing import clock
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.services import path_of

_WRITES: Final = re.compile(
    r"\s*(WITH\b.*\b)?(INSERT|UPDATE|DELETE|REPLACE)\b", re.DOTALL | re.IGNORECASE
)
_NESTS: Final = re.compile(r"(?i)\s*(SAVEPOINT|RELEASE|ROLLBACK)\b")
_TAKEN_BACK: Final = "ROLLBACK"
_UNNAMED: Final = " at 0x"
"""In how Python shows something that has no name of its own."""

_FOLDER: Final = os.environ.get("LINESHAFT_TEST_RECORDINGS", "")  # noqa: TID251 -- set for a run


class Numbers:
    """Numbers for names that must differ: from one on, anew in each test; `module` has them."""

    def __init__(self, module: str) -> None:
        self.last = 0
        assert module not in _numbers
        _numbers[module] = self

    def __next__(self) -> int:
        self.last += 1
        return self.last


@dataclass(slots=True)
class _Recording:
    """The statements that wrote, in their order, and how many rows they changed, the files beside
    them, which numbers were taken last, and what was returned.
    """

    statements: list[tuple[str, Any, bool]] = field(default_factory=list)
    changes: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    made: bytes = b""
    is_whole: bool = True


@dataclass(slots=True)
class _Test:
    """A digest of the statements by which the test has written, in their order."""

    history: Any = field(default_factory=blake2b)


_numbers: dict[str, Numbers] = {}
_recordings: dict[tuple[object, ...], _Recording] = {}
shared: Path | None = Path(_FOLDER) if _FOLDER else None
"""Where other processes of the run find recordings, and leave theirs."""

_test = _Test()


def begin() -> None:
    """Before each test: nothing is written, and no number taken."""
    _test.history = blake2b()
    for numbers in _numbers.values():
        numbers.last = 0


@contextmanager
def watched() -> Iterator[None]:
    """Follow what a test writes, where anything is replayed."""
    begin()
    if not _is_replaying():
        yield
        return
    with connection.execute_wrapper(_follow):
        yield


def replayed[**P, T](make: Callable[P, T]) -> Callable[P, T]:
    """Make it by its verbs where tests come to it for the first time in the same way, and lay it
    down again for the tests after; each gets a copy of what was returned.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        asked = _asked(args, kwargs)
        # Outside a transaction nobody says what of the history still stands.
        if asked is None or not (_is_replaying() and connection.in_atomic_block):
            return make(*args, **kwargs)
        key = (make.__module__, make.__qualname__, asked, _test.history.digest(), *_around())
        found = _recordings.get(key) or _left_by_others(key)
        if found is not None and not found.is_whole:
            return make(*args, **kwargs)
        if found is not None:
            _lay_down(found)
            _test.history = blake2b(repr(key).encode())
            return pickle.loads(found.made)  # type: ignore[no-any-return] # noqa: S301 -- our own
        new = _Recording()
        with _recorded(new):
            result = make(*args, **kwargs)
        new.made = pickle.dumps(result)
        if new.is_whole and _asked(args, kwargs) == asked:  # nothing that was given is changed
            _test.history = blake2b(repr(key).encode())  # as after laying it down
        else:
            new = _Recording(is_whole=False)
        _keep(key, new)
        return result

    return made


def _is_replaying() -> bool:
    """Whether keys begin anew with each test."""
    return connection.vendor == "sqlite"


def _around() -> tuple[object, ...]:
    """What the same call depends on beside its arguments and what stands in the database."""
    is_real = clock.now.__module__ == clock.__name__
    now = clock.today().isoformat() if is_real else clock.now().isoformat()
    assert connection.connection is not None
    keys = connection.connection.execute(
        "SELECT name, seq FROM sqlite_sequence WHERE seq > 0 ORDER BY name"
    ).fetchall()
    return (
        tuple(keys),
        tuple(sorted(_numbers_taken().items())),
        now,
        translation.get_language(),
        settings.PROFILE,
        settings.IS_DEMONSTRATION,
        settings.MAIL_URL,
    )


def _numbers_taken() -> dict[str, int]:
    """Which number each module has taken last, of those that have taken one."""
    return {module: numbers.last for module, numbers in _numbers.items() if numbers.last}


def _changes() -> int:
    """How many rows this connection has changed since it was opened."""
    assert connection.connection is not None
    changes: int = connection.connection.total_changes
    return changes


def _follow(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Let each statement that writes, and each step into or out of a savepoint, into the history.

    Names of savepoints differ from test to test; as they nest, their order is enough.
    """
    if many:
        params = list(params)
    if _WRITES.match(sql):
        _test.history.update(f"{sql}\0{params!r}\0".encode())
    elif step := _NESTS.match(sql):
        _test.history.update(f"{step[1]}\0".encode())
    return execute(sql, params, many, context)


@contextmanager
def _recorded(into: _Recording) -> Iterator[None]:
    """Note every statement that writes, and the files that stand behind what was written."""

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if many:
            params = list(params)
        if _WRITES.match(sql):
            into.statements.append((sql, params, many))
        elif (step := _NESTS.match(sql)) and step[1].upper() == _TAKEN_BACK:
            into.is_whole = False  # what was written before it does not stand
        return execute(sql, params, many, context)

    before = _changes()
    with connection.execute_wrapper(note):
        yield
    into.changes = _changes() - before
    hashes = StoredFile.objects.values_list("sha256", flat=True)
    into.files = {one: path_of(one).read_bytes() for one in hashes if path_of(one).exists()}
    into.numbers = _numbers_taken()


def _keep(key: tuple[object, ...], made: _Recording) -> None:
    """Keep it for the tests after, here and in the other processes of the run."""
    _recordings[key] = made
    if shared is None:
        return
    try:
        content = pickle.dumps(made)
    except TypeError:  # a value that only this process can hold
        return
    path = shared / _name(key)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(content)
    part.rename(path)  # whole or not at all, whoever else makes it now


def _left_by_others(key: tuple[object, ...]) -> _Recording | None:
    """What another process of the run has kept, where all that it has counted on is known here."""
    path = shared / _name(key) if shared is not None else None
    if path is None or not path.exists():
        return None
    found: _Recording = pickle.loads(path.read_bytes())  # noqa: S301 -- our own
    if not found.numbers.keys() <= _numbers.keys():
        return None
    _recordings[key] = found
    return found


def _name(key: tuple[object, ...]) -> str:
    return blake2b(repr(key).encode(), digest_size=16).hexdigest()


def _lay_down(found: _Recording) -> None:
    for sha256, content in found.files.items():
        path = path_of(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for module, last in found.numbers.items():
        _numbers[module].last = last
    before = _changes()
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, params, many in found.statements:
            if many:
                cursor.executemany(sql, params)
            else:
                cursor.execute(sql, params)
                cursor.fetchall()  # what an insertion returns ends it
    assert _changes() - before == found.changes


def _asked(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str | None:
    """What was asked for, with all that the records given hold; None where that can't be said."""
    said = f"{_said(args, ())} {_said(kwargs, ())}"
    return None if _UNNAMED in said else said


def _said(value: Any, within: tuple[int, ...]) -> str:
    if id(value) in within:
        return "..."
    within = (*within, id(value))
    match value:
        case Model():
            shown = {name: one for name, one in vars(value).items() if name[0] != "_"}
            return f"{value._meta.label}{_said(shown, within)}"
        case Mapping():
            return f"{{{', '.join(f'{key!r}: {_said(value[key], within)}' for key in value)}}}"
        case AbstractSet():
            return f"{{{', '.join(sorted(_said(one, within) for one in value))}}}"
        case list() | tuple():
            return f"[{', '.join(_said(one, within) for one in value)}]"
        case _ if is_dataclass(value):
            parts = {one.name: getattr(value, one.name) for one in fields(value)}
            return f"{type(value).__qualname__}{_said(parts, within)}"
    return repr(value)
