"""Keep the catalogues of translations: extract, compile and check, without a gettext binary.

    python scripts/messages.py update     bring every django.po up to the strings of the program
    python scripts/messages.py compile    make the django.mo files that run
    python scripts/messages.py check      name what lacks a translation; status 1 if anything does

A string of the program is one in a call of gettext's family, Python's or a template's, or one
marked with `gettext_noop`; and the words for the states and verbs of workflows.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from lineshaft.kernel.workflow import term_of

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "src" / "lineshaft"

KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATE_SUFFIXES: Final = {".html", ".txt"}
LOCALES: Final = ("zh_Hans",)

HEADER: Final = """\
# The words of Lineshaft in another language; brought up to the program by `make messages`.
# Licensed as the program is: Apache License 2.0."""

# The file says when the strings changed, not when somebody ran this: no date, no churn.
NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["update"]:
            for path in catalogue_files():
                update(path)
        case ["compile"]:
            for path in catalogue_files():
                compile_catalogue(path)
        case ["check"]:
            faults = [fault for path in catalogue_files() for fault in faults_of(path)]
            for fault in faults:
                print(fault, file=sys.stderr)
            return 1 if faults else 0
        case _:
            print("usage: messages.py update|compile|check", file=sys.stderr)
            return 2
    return 0


def catalogue_files() -> list[Path]:
    return [PACKAGE / "locale" / locale / "LC_MESSAGES" / "django.po" for locale in LOCALES]


def program_messages() -> Catalog:
    """Every translatable string of the program, with the files that it stands in."""
    catalogue = Catalog(project="Lineshaft", charset="utf-8", creation_date=NO_DATE)
    for path, source in _sources():
        place = path.relative_to(ROOT).as_posix()
        found = extract(
            "python", BytesIO(source.encode()), KEYWORDS, ["Translators"], {"encoding": "utf-8"}
        )
        for _line, message, comments, context in found:
            if message:
                catalogue.add(
                    message, locations=[(place, 0)], auto_comments=comments, context=context
                )
    for path, message in _workflow_terms():
        catalogue.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    return catalogue


def update(path: Path) -> None:
    """Bring one catalogue up to the program: new strings empty, unused ones gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = _read(path)
    catalogue.update(program_messages(), no_fuzzy_matching=True, update_creation_date=False)
    sign(catalogue)
    for message in catalogue:
        message.locations = sorted({(place, 0) for place, _line in message.locations})
    with path.open("wb") as file:
        write_po(
            file,
            catalogue,
            width=100,
            sort_by_file=True,
            ignore_obsolete=True,
            include_lineno=False,
            omit_header=False,
        )


def sign(catalogue: Catalog) -> None:
    """Put a header in the place of the one that asks translators to fill in their names."""
    catalogue.fuzzy = False
    catalogue.header_comment = HEADER
    catalogue.version = "0"
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "Lineshaft"
    catalogue.creation_date = catalogue.revision_date = NO_DATE


def compile_catalogue(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, _read(path))


def faults_of(path: Path) -> list[str]:
    """What one catalogue lacks, has too much, or says with other places than the original."""
    catalogue = _read(path)
    wanted = {_key(message): message for message in program_messages() if message.id}
    faults: list[str] = []
    for key, message in wanted.items():
        translated = catalogue.get(message.id, message.context)
        files = ", ".join(place for place, _line in message.locations)
        if translated is None or not _is_translated(translated):
            faults.append(f"not translated: {key[1]!r} ({files})")
            continue
        faults += [
            f"wrong places in the translation of {key[1]!r}: {error}"
            for error in translated.check(catalogue)
        ]
    faults += [
        f"no longer in the program: {_key(message)[1]!r}"
        for message in catalogue
        if message.id and _key(message) not in wanted
    ]
    return [f"{path.relative_to(PACKAGE).as_posix()}: {fault}" for fault in faults]


def _sources() -> Iterator[tuple[Path, str]]:
    if not settings.configured:
        settings.configure(USE_I18N=True)
    for path in sorted(PACKAGE.rglob("*")):
        if "tests" in path.parts or "migrations" in path.parts or not path.is_file():
            continue
        if path.suffix == ".py":
            yield path, path.read_text()
        elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
            # Blanked-out text keeps its line but must not look like Python's indentation.
            lines = templatize(path.read_text(), origin=str(path)).splitlines()
            yield path, "\n".join(line.strip() for line in lines)


def _workflow_terms() -> Iterator[tuple[Path, str]]:
    """The words for each state and verb of a workflow, which a refusal from a wrong state names."""
    for path in sorted([*PACKAGE.glob("*/*/rules.py"), *PACKAGE.glob("*/*/rules/__init__.py")]):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = import_module(".".join(part for part in parts if part != "__init__"))
        for workflow in getattr(module, "TRANSITIONS", {}).values():
            for name in (*workflow.states, *workflow.verbs):
                yield path, str(term_of(name))


def _read(path: Path) -> Catalog:
    locale = path.parent.parent.name
    if not path.exists():
        return Catalog(locale=locale, project="Lineshaft", charset="utf-8", creation_date=NO_DATE)
    with path.open("rb") as file:
        return read_po(file, locale=locale, charset="utf-8")


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def _is_translated(message: Message) -> bool:
    texts = (message.string,) if isinstance(message.string, str) else message.string or ()
    return bool(texts) and all(texts) and not message.fuzzy


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
