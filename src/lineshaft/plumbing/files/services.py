"""Writing and opening stored files.

The content is written first: to a temporary name, hashed on the way, forced to disk, then renamed
to its hash; only then the record, in the caller's transaction. A crash at any point leaves at most
content without a record.
"""

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from lineshaft.kernel.errors import TooLarge, Unavailable
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import Problem, record_event
from lineshaft.plumbing.files import rules
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.sharing import SharingLevel


def store_file(
    actor: Actor,
    content: BinaryIO | bytes,
    *,
    name: str,
    now: datetime,
    level: SharingLevel,
    purpose: str,
    institute: str = "",
    accepted: frozenset[rules.MediaType] = rules.DOCUMENTS,
    limit_bytes: int | None = None,
    is_sealed: bool = False,
) -> StoredFile:
    """Keep the content and record the upload, with an audit event, in one transaction.

    Who may store what is decided by the calling verb; this checks the file alone. Raises TooLarge
    beyond `limit_bytes` (by default the setting UPLOAD_MAX_BYTES; nothing is read then) and Refused
    for an empty file or a kind that is not `accepted`. The content is never stored twice; each
    call makes a record. A file that `is_sealed` is opened by the page of what it belongs to alone.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    clean_name = rules.safe_name(name)
    _refuse_size(source, settings.UPLOAD_MAX_BYTES if limit_bytes is None else limit_bytes)
    media_type = rules.media_type_of(source, clean_name)
    refuse_if(rules.refuse_media_type(media_type, accepted))
    sha256, size_bytes = _keep_content(source)
    with transaction.atomic():
        stored = StoredFile.objects.create(
            sha256=sha256,
            size_bytes=size_bytes,
            name=clean_name,
            media_type=str(media_type),
            purpose=purpose,
            level=level,
            institute=institute,
            is_sealed=is_sealed,
            uploaded_by_id=actor.user_id,
            uploaded_at=now,
        )
        record_event(
            actor,
            "store_file",
            stored,
            now=now,
            institute=institute,
            changes={"sha256": sha256, "size_bytes": size_bytes, "purpose": purpose}
            | ({"is_sealed": True} if is_sealed else {}),
        )
    return stored


def close_file(actor: Actor, stored: StoredFile, *, now: datetime, why: str) -> StoredFile:
    """Open the file to its institute, its uploader and network staff alone from now on.

    Who may take it back is decided by the calling verb.
    """
    with transaction.atomic():
        row = StoredFile.objects.select_for_update(of=("self",)).get(pk=stored.pk)
        before, row.level = row.level, SharingLevel.RESTRICTED
        row.save(update_fields=["level"])
        record_event(
            actor,
            "close_file",
            row,
            now=now,
            why=why,
            institute=row.institute,
            changes={"level": [before, row.level]},
        )
    return row


def open_file(stored: StoredFile) -> BinaryIO:
    """The content, opened for reading. Raises Unavailable where it is missing from the disk."""
    try:
        return path_of(stored.sha256).open("rb")
    except FileNotFoundError as error:
        raise Unavailable(
            gettext_noop("The content of this file is missing. Restore it from a backup."),
            code="file_missing",
        ) from error


def path_of(sha256: str) -> Path:
    """Where the content with that hash lies; the folder is outside everything that is served."""
    return files_root() / sha256[:2] / sha256[2:]


def files_root() -> Path:
    """The folder of all contents."""
    return Path(settings.FILES_DIR)


def verify_files() -> list[Problem]:
    """Re-hash every recorded content; one problem for each that is missing or altered."""
    problems = []
    recorded = StoredFile.objects.order_by("sha256").values_list("sha256", "size_bytes").distinct()
    for sha256, size_bytes in recorded.iterator(chunk_size=500):
        where = f"file {sha256[:16]}"
        try:
            with path_of(sha256).open("rb") as content:
                found, found_bytes = _digest(content)
        except OSError as error:
            message = gettext_noop("The content cannot be read: %(reason)s.")
            problems.append(Problem(where, message, {"reason": error.strerror or str(error)}))
            continue
        if (found, found_bytes) != (sha256, size_bytes):
            message = gettext_noop("The content is not what was stored: its hash is now %(found)s.")
            problems.append(Problem(where, message, {"found": found[:16]}))
    return problems


def remove_orphans(*, before: datetime) -> int:
    """Delete contents without a record that are older than `before`; return how many.

    Choose `before` at least a day back, or content whose transaction is still open would go.
    """
    removed = 0
    for path in _contents():
        sha256 = path.parent.name + path.name
        is_old = path.stat().st_mtime < before.timestamp()
        if is_old and not StoredFile.objects.filter(sha256=sha256).exists():
            path.unlink()
            removed += 1
    return removed


def _refuse_size(source: BinaryIO, limit_bytes: int) -> None:
    size_bytes = source.seek(0, io.SEEK_END)
    source.seek(0)
    refusal = rules.refuse_file_size(size_bytes, limit_bytes)
    if refusal and size_bytes > limit_bytes:
        raise TooLarge(refusal.message, code=refusal.code, params=refusal.params)
    refuse_if(refusal)


def _keep_content(source: BinaryIO) -> tuple[str, int]:
    root = files_root()
    waiting = root / "incoming"
    waiting.mkdir(parents=True, exist_ok=True)
    with _temporary(waiting) as (temporary, path):
        sha256, size_bytes = _digest(source, copy_to=temporary)
        target = path_of(sha256)
        if _is_kept(target, sha256, size_bytes):
            os.utime(target)  # so that remove_orphans takes it for new until the record commits
            return sha256, size_bytes
        temporary.flush()
        os.fsync(temporary.fileno())
        path.chmod(0o440)
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
    _sync_folder(target.parent)
    _sync_folder(root)
    return sha256, size_bytes


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    handle, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as temporary:
            yield temporary, path
    finally:
        path.unlink(missing_ok=True)


def _is_kept(target: Path, sha256: str, size_bytes: int) -> bool:
    """Whether good content lies there already; a damaged one is written again."""
    try:
        with target.open("rb") as kept:
            return _digest(kept) == (sha256, size_bytes)
    except OSError:
        return False


def _digest(source: BinaryIO, copy_to: BinaryIO | None = None) -> tuple[str, int]:
    state = hashlib.sha256()
    size_bytes = 0
    while chunk := source.read(rules.CHUNK_BYTES):
        state.update(chunk)
        size_bytes += len(chunk)
        if copy_to is not None:
            copy_to.write(chunk)
    return state.hexdigest(), size_bytes


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _contents() -> Iterator[Path]:
    for folder in files_root().glob("[0-9a-f][0-9a-f]"):
        yield from (path for path in folder.iterdir() if path.is_file())
