"""A backup is one archive: the database as of one moment, files and snapshots, and a manifest.

The manifest comes first and names every part with its size and SHA-256, and the version and
migrations that it was made under. An archive is written beside its place and moved there when
whole. Nothing is restored before every part has been checked. The key that signs sessions is left
out: whoever restores elsewhere signs in again.
"""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from django.conf import settings
from django.db import connection

from lineshaft import __version__
from lineshaft.config.console import Report
from lineshaft.config.dump import (
    MigrationKey,
    applied_migrations,
    check_dump,
    dump_database,
    restore_database,
    unknown_migrations,
)
from lineshaft.kernel.errors import Invalid, Refused, Unavailable
from lineshaft.kernel.refusals import Refusal

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database"
BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupPart:
    """One file of the archive; `path` is relative, with slashes."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    version: str
    vendor: str
    made_at: str
    migrations: tuple[MigrationKey, ...]
    parts: tuple[BackupPart, ...]


def make_backup(target: Path, *, now: datetime, report: Report) -> Manifest:
    """Write the archive `target` and return its manifest.

    Raises Unavailable where a file of that name stands already, or its folder does not.
    """
    if target.exists():
        raise Unavailable("%(file)s stands already: name another.", params={"file": target})
    if not target.parent.is_dir():
        raise Unavailable("There is no folder %(folder)s.", params={"folder": target.parent})
    with _staging(target.parent) as staging:
        report(0, 0, "copying the database")
        dump_database(staging / DATABASE)
        sources = dict(_sources(staging))
        parts = []
        for number, (path, source) in enumerate(sources.items()):
            report(number, len(sources), "hashing")
            parts.append(BackupPart(path, source.stat().st_size, _digest(source)))
        manifest = Manifest(
            version=__version__,
            vendor=connection.vendor,
            made_at=now.isoformat(),
            migrations=tuple(applied_migrations()),
            parts=tuple(parts),
        )
        archive = staging / "archive"
        _write_archive(archive, manifest, sources, report)
        archive.rename(target)
    return manifest


def restore_backup(source: Path, *, is_empty: bool, may_replace: bool, report: Report) -> Manifest:
    """Check the archive `source` whole, then put it in the place of the present contents.

    Raises Invalid where it is no backup, or damaged; Refused where it does not fit this
    installation, or would replace what is there without `may_replace`.
    """
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with _staging(settings.VAR_DIR) as staging:
        manifest = _extract(source, staging, report)
        _refuse_unfit(manifest)
        if not is_empty and not may_replace:
            raise Refused(
                Refusal(
                    "not_empty",
                    "The database holds records already. With --replace the backup takes their"
                    " place, and they are lost.",
                )
            )
        check_dump(staging / DATABASE)
        report(0, 0, "restoring files")
        for part in manifest.parts:
            _move_into_place(staging, part)
        report(0, 0, "restoring the database")
        restore_database(staging / DATABASE, manifest.migrations)
    return manifest


def _folders() -> dict[str, Path]:
    return {"files": settings.FILES_DIR, "snapshots": settings.SNAPSHOTS_DIR}


def _sources(staging: Path) -> Iterator[tuple[str, Path]]:
    """Every file that belongs in the archive, with its path there."""
    for name, folder in {DATABASE: staging / DATABASE, **_folders()}.items():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                yield f"{name}/{path.relative_to(folder).as_posix()}", path


def _write_archive(
    archive: Path, manifest: Manifest, sources: dict[str, Path], report: Report
) -> None:
    with archive.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
            with tempfile.TemporaryFile() as text:
                text.write(_manifest_text(manifest).encode())
                _add(tar, MANIFEST, text)
            for number, part in enumerate(manifest.parts):
                report(number, len(manifest.parts), "packing")
                with sources[part.path].open("rb") as content:
                    _add(tar, part.path, content)
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, path: str, content: IO[bytes]) -> None:
    entry = tarfile.TarInfo(path)
    entry.size = content.seek(0, os.SEEK_END)
    entry.mode = 0o600
    content.seek(0)
    tar.addfile(entry, content)


def _extract(source: Path, staging: Path, report: Report) -> Manifest:
    """Unpack the archive into `staging`, each part checked against the manifest."""
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            manifest = _read_manifest(tar)
            parts = {part.path: part for part in manifest.parts}
            for number, entry in enumerate(tar):
                if entry.name == MANIFEST:
                    continue
                report(number, len(parts), "checking")
                _unpack(tar, entry, parts.pop(entry.name, None), staging)
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.filename:
            raise
        raise _damaged(source.name) from error
    if parts:
        raise _damaged(min(parts))
    return manifest


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    entry = tar.next()
    content = tar.extractfile(entry) if entry and entry.name == MANIFEST else None
    if content is None:
        raise Invalid(message="This file is no backup made by `lineshaft backup`.")
    try:
        data: dict[str, Any] = json.loads(content.read())
        if data["format"] != FORMAT:
            raise Invalid(
                message="This backup has format %(format)s; this version reads %(own)s.",
                params={"format": data["format"], "own": FORMAT},
            )
        return Manifest(
            version=data["version"],
            vendor=data["vendor"],
            made_at=data["made_at"],
            migrations=tuple((app, name) for app, name in data["migrations"]),
            parts=tuple(BackupPart(**part) for part in data["parts"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(MANIFEST) from error


def _unpack(
    tar: tarfile.TarFile, entry: tarfile.TarInfo, part: BackupPart | None, staging: Path
) -> None:
    path = PurePosixPath(entry.name)
    content = tar.extractfile(entry)
    is_ours = path.parts[:1] in {(name,) for name in (DATABASE, *_folders())}
    if part is None or content is None or not is_ours or ".." in path.parts:
        raise _damaged(entry.name)
    target = staging / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(content, file, BLOCK_BYTES)
    if target.stat().st_size != part.size_bytes or _digest(target) != part.sha256:
        raise _damaged(entry.name)


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest.vendor != connection.vendor:
        raise Refused(
            Refusal(
                "other_database",
                "This is a backup of a %(theirs)s database; DATABASE_URL names a %(ours)s one.",
                params={"theirs": manifest.vendor, "ours": connection.vendor},
            )
        )
    unknown = unknown_migrations(manifest.migrations)
    if unknown:
        raise Refused(
            Refusal(
                "newer_backup",
                "This backup was made by version %(theirs)s, which is newer than %(ours)s: restore"
                " it with that version.",
                params={"theirs": manifest.version, "ours": __version__},
            )
        )


def _move_into_place(staging: Path, part: BackupPart) -> None:
    name, _, rest = part.path.partition("/")
    if name == DATABASE:
        return
    target = _folders()[name] / rest
    target.parent.mkdir(parents=True, exist_ok=True)
    (staging / part.path).replace(target)


def _manifest_text(manifest: Manifest) -> str:
    data = {
        "format": FORMAT,
        "version": manifest.version,
        "vendor": manifest.vendor,
        "made_at": manifest.made_at,
        "migrations": manifest.migrations,
        "parts": [
            {"path": part.path, "size_bytes": part.size_bytes, "sha256": part.sha256}
            for part in manifest.parts
        ],
    }
    return json.dumps(data, indent=1) + "\n"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(name: str) -> Invalid:
    return Invalid(
        message="The backup is damaged (%(name)s): nothing was changed. Take another.",
        params={"name": name},
    )


@contextmanager
def _staging(parent: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".lineshaft-", dir=parent) as folder:
        yield Path(folder)
