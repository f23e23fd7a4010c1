"""Write the documents that follow from the code, or with --check name those that are out of date.

src/lineshaft/apps/*/README.md     the part between two marks: states and permissions
docs/reference/commands.md         the command line
docs/reference/settings.md         what is configured, and how
docs/reference/permissions.md      every verb of the platform, and who may do it
docs/reference/figures.md          every figure: what it counts, and on what authority
docs/reference/imports.md          every kind of import: its columns, its mappings, the limits
docs/reference/problems.md         every code with which the program refuses
docs/reference/modules.md          what each module decides
"""

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import django

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "src" / "lineshaft"
REFERENCE: Final = ROOT / "docs" / "reference"

HEADINGS: Final = {"states": "## States", "permissions": "## Who may do what"}
WRITTEN: Final = "<!-- written by `make docs`; changes are lost -->"

ABOUT_PERMISSIONS: Final = (
    "Every verb of the platform, and who may do it. A role counts where it is held over what the"
    " verb is about: an institute, an agency, an organisation. One held over the network counts"
    " everywhere."
)
ABOUT_FIGURES: Final = (
    "A figure is one SQL file in `src/lineshaft/apps/insight/figures/`; this page repeats its"
    " header. [How to add one](../how-to/add-a-figure.md)."
)
ABOUT_PORTFOLIO: Final = (
    "Each is one SQL file in `src/lineshaft/apps/insight/figures/portfolio/`. Its rows are cells"
    " that share no money, so a sum by agency, institute, technology area, state or fiscal year is"
    " that of the whole; the page `/portfolio/` adds them up."
)
ABOUT_IMPORTS: Final = (
    "What `lineshaft import KIND FILE` and the page `/imports/` take in."
    " [How to import](../how-to/import.md) says it with examples."
)
ABOUT_LIMITS: Final = "A file beyond a limit is refused with the limit named; nothing is cut off."
ABOUT_PROBLEMS: Final = (
    "The `code` of a problem (RFC 9457) is stable, for programs; its `detail` is for people, in"
    " their language. `%(name)s` stands for what the case fills in."
)
CASE_SAYS: Final = "(what is wrong with the entry)"
ABOUT_MODULES: Final = (
    "Each with the sentence that it opens with, floor by floor from the top. What may import what:"
    " [architecture](architecture.md)."
)
ABOUT_COMMANDS: Final = (
    "`.venv/bin/lineshaft COMMAND`. Exit status: 0 done, 1 refused or failed (one sentence on"
    " stderr says what to do), 2 not called as it should be."
)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: write_docs.py [--check]", file=sys.stderr)
        return 2
    set_up()
    stale = [
        path
        for path, text in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        if arguments:
            print(f"{path.relative_to(ROOT)} is out of date: run make docs", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(documents()[path], encoding="utf-8")
    return 1 if stale and arguments else 0


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineshaft.config.settings")
    django.setup()


def documents() -> dict[Path, str]:
    """The full text of every document that is written here."""
    found = {
        REFERENCE / "commands.md": commands_page(),
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "permissions.md": permissions_page(),
        REFERENCE / "figures.md": figures_page(),
        REFERENCE / "imports.md": imports_page(),
        REFERENCE / "problems.md": problems_page(),
        REFERENCE / "modules.md": modules_page(),
    }
    for path, module in readmes().items():
        old = path.read_text(encoding="utf-8") if path.exists() else f"# {path.parent.name}\n"
        found[path] = with_sections(old, module)
    return found


def with_sections(text: str, module_name: str) -> str:
    """The README with what its rules declare between the marks; where these are missing, added."""
    rules = import_module(module_name) if find_spec(module_name) else None
    sections = {
        "states": states_of(getattr(rules, "TRANSITIONS", {})),
        "permissions": permissions_of(getattr(rules, "PERMISSIONS", {})),
    }
    for name, section in sections.items():
        begin, end = f"<!-- generated:{name} -->", f"<!-- /generated:{name} -->"
        if begin not in text and section:
            text = f"{text.rstrip()}\n\n{HEADINGS[name]}\n\n{begin}\n{end}\n"
        if begin in text:
            head, _, rest = text.partition(begin)
            _, _, tail = rest.partition(end)
            text = f"{head}{begin}\n{section}{end}{tail}"
    return text


def states_of(transitions: dict[str, Any]) -> str:
    """A diagram of each workflow, headed by what it is of where there are several."""
    parts = []
    for model, workflow in transitions.items():
        heading = f"### {model}\n\n" if len(transitions) > 1 else ""
        parts.append(f"{heading}```mermaid\n{workflow.mermaid().rstrip()}\n```\n")
    return "\n".join(parts)


def permissions_of(permissions: dict[str, Any]) -> str:
    rows = [f"| `{verb}` | {cell(who_may(entry))} |" for verb, entry in permissions.items()]
    return "\n".join(["| verb | who |", "| --- | --- |", *rows, ""]) if rows else ""


def who_may(permission: Any) -> str:
    if permission.is_for_anyone:
        return "anyone"
    if permission.is_for_signed_in:
        return "whoever has signed in"
    roles = ", ".join(sorted(role.value.replace("_", " ") for role in permission.roles))
    return f"{roles}. {permission.sentence}" if roles else str(permission.sentence)


def permissions_page() -> str:
    lines = [
        "# Permissions",
        "",
        WRITTEN,
        "",
        ABOUT_PERMISSIONS,
        "",
    ]
    for readme, module in readmes().items():
        rules = import_module(module) if find_spec(module) else None
        table = permissions_of(getattr(rules, "PERMISSIONS", {}))
        if table:
            lines += [f"## {readme.parent.name}", "", table]
    return "\n".join(lines).rstrip() + "\n"


def readmes() -> dict[Path, str]:
    """Each README that states rules, with the module that holds them: plumbing first, then apps."""
    folders = sorted(path.parent for path in (PACKAGE / "plumbing").glob("*/rules.py"))
    folders += sorted(path.parent for path in (PACKAGE / "apps").glob("*/__init__.py"))
    return {
        folder / "README.md": f"lineshaft.{folder.parent.name}.{folder.name}.rules"
        for folder in folders
    }


def settings_page() -> str:
    table = import_module("lineshaft.config.settings").SETTINGS
    lines = [
        "# Settings",
        "",
        WRITTEN,
        "",
        "Each is read from the environment when the program starts.",
        "",
        "| name | default | kind | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for entry in table:
        default = f"`{entry.default}`" if entry.default else "(empty)"
        lines.append(f"| `{entry.name}` | {default} | {entry.kind} | {cell(entry.meaning)} |")
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    command = import_module("lineshaft.config.command")
    lines = [
        "# The command line",
        "",
        WRITTEN,
        "",
        ABOUT_COMMANDS,
        "",
    ]
    for name in command.own_commands():
        own = import_module(f"{command.COMMANDS_PACKAGE}.{name}").Command()
        parser = own.create_parser("lineshaft", name)
        lines += [f"## lineshaft {name}", "", " ".join(str(own.help).split()), ""]
        entries = [entry for action in own_actions(parser) if (entry := option_entry(action))]
        if entries:
            lines += [*entries, ""]
    return "\n".join(lines).rstrip() + "\n"


def figures_page() -> str:
    queries = import_module("lineshaft.apps.insight.queries")
    library, portfolio = queries.figure_library(), queries.portfolio_library()
    lines = ["# Figures", "", WRITTEN, "", ABOUT_FIGURES, ""]
    for figure in library.figures:
        lines += figure_lines(figure, is_planning=figure not in library.reported)
    lines += ["## Figures of the portfolio", "", ABOUT_PORTFOLIO, ""]
    for figure in portfolio.figures:
        lines += figure_lines(figure, is_planning=figure not in portfolio.reported)
    lines += ["## Steps", "", "Queries that several figures share; each runs once.", ""]
    lines += ["| step | one row is | reads |", "| --- | --- | --- |"]
    for step in (*library.steps, *portfolio.steps):
        needs = ", ".join(f"`{one}`" for one in step.needs)
        lines.append(f"| `{step.name}` | {cell(step.row)} | {needs} |")
    return "\n".join(lines) + "\n"


def figure_lines(figure: Any, *, is_planning: bool) -> list[str]:
    rows = {
        "unit": figure.unit,
        "one value for each": figure.grain,
        "authority": link(figure.authority, figure.authority_url),
        "opens to": ", ".join(f"`{one}`" for one in figure.records),
        "set beside (published)": ", ".join(f"`{one}`" for one in figure.published),
        "reads": ", ".join(f"`{one}`" for one in figure.needs),
        "version": str(figure.version),
    }
    if is_planning:
        rows["for"] = "those who plan; not in the annual report"
    if figure.kind.is_quotient:
        rows["rounded"] = f"half up, once, to {figure.decimals} decimals"
    lines = [f"## {figure.title} (`{figure.id}`)", "", figure.definition, ""]
    lines += ["| | |", "| --- | --- |"]
    lines += [f"| {name} | {cell(text)} |" for name, text in rows.items() if text]
    return [*lines, ""]


def imports_page() -> str:
    specs = import_module("lineshaft.plumbing.exchange.queries").import_specs()
    mapping = import_module("lineshaft.plumbing.exchange.mapping")
    lines = ["# Imports", "", WRITTEN, "", ABOUT_IMPORTS, ""]
    for kind, spec in sorted(specs.items()):
        lines += [f"## {kind}", "", spec.help, ""]
        if spec.permission:
            lines += [f"{spec.permission.sentence}", ""]
        lines += ["| column | holds | found also as | note |", "| --- | --- | --- | --- |"]
        lines += [column_row(column) for column in spec.columns]
        shipped = mapping.shipped_mappings(spec)
        if shipped:
            lines += ["", "Mappings that ship:", ""]
            lines += [f"- `{key}`: {one.title}." for key, one in shipped.items()]
        lines.append("")
    lines += ["## Limits", "", ABOUT_LIMITS, "", "| limit | value | why |", "| --- | --- | --- |"]
    lines += [
        f"| `{name}` | {value:,} | {cell(note)} |"
        for name, value, note in constants_of(PACKAGE / "plumbing" / "exchange" / "limits.py")
    ]
    return "\n".join(lines) + "\n"


def column_row(column: Any) -> str:
    notes = [column.help] if column.help else []
    if column.choices:
        notes.append("One of " + ", ".join(f"`{one}`" for one in column.choices) + ".")
    if column.is_identifier:
        notes.append("The same value twice in a file is refused.")
    if column.minimum is not None:
        most = "" if column.maximum is None else f" to {column.maximum}"
        notes.append(f"From {column.minimum}{most}.")
    aliases = ", ".join(column.aliases)
    holds = f"{column.kind}, required" if column.is_required else str(column.kind)
    return f"| `{column.name}` | {holds} | {cell(aliases)} | {cell(' '.join(notes))} |"


def constants_of(path: Path) -> Iterator[tuple[str, int, str]]:
    """The constants of a module: name, value, and the string that follows each."""
    module = import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node, after in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            note = after.value if isinstance(after, ast.Expr) else None
            text = note.value if isinstance(note, ast.Constant) else ""
            yield node.target.id, getattr(module, node.target.id), str(text)


def problems_page() -> str:
    rest = import_module("lineshaft.plumbing.rest")
    lines = ["# Problems", "", WRITTEN, "", ABOUT_PROBLEMS, "", "## By kind", ""]
    lines += ["| status | code | says |", "| --- | --- | --- |"]
    for error, status in sorted(rest.STATUS_OF.items(), key=lambda entry: entry[1]):
        lines.append(f"| {int(status)} | `{error.default_code}` | {cell(error.default_message)} |")
    lines += ["", "A module may give a kind a code of its own, such as `no_report` for 404.", ""]
    lines += ["## Refusals", "", "A rule refuses: status 409.", ""]
    lines += ["| code | says | where |", "| --- | --- | --- |"]
    lines += [
        f"| `{code}` | {cell(message) or CASE_SAYS} | `{place}` |"
        for code, message, place in sorted(refusals())
    ]
    return "\n".join(lines) + "\n"


def refusals() -> set[tuple[str, str, str]]:
    """Every refusal that the source builds: its code, its message and its module."""
    found: set[tuple[str, str, str]] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        if {"tests", "migrations"} & set(path.parts):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = marked_texts(tree)
        place = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts[1:])
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Refusal":
                given = dict(zip(("code", "message"), node.args, strict=False))
                given |= {one.arg: one.value for one in node.keywords if one.arg}
                code = given.get("code")
                if isinstance(code, ast.Constant):
                    found.add((str(code.value), text_of(given.get("message"), texts), place))
    return found


def marked_texts(tree: ast.Module) -> dict[str, str]:
    """The texts of a module that have a name."""
    return {
        ast.unparse(target): text_of(node.value, {})
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }


def text_of(node: ast.expr | None, texts: dict[str, str]) -> str:
    """The text that an expression stands for: literal, marked for translation, or by its name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Call) and node.args and "gettext" in ast.unparse(node.func):
        return text_of(node.args[0], texts)
    if isinstance(node, ast.Name):
        return texts.get(node.id, "")
    return ""


def modules_page() -> str:
    """Every module with the sentence that it opens with, floor by floor."""
    lines = ["# Modules", "", WRITTEN, "", ABOUT_MODULES, ""]
    for floor in ("config", "demonstration", "apps", "web", "engines", "plumbing", "kernel"):
        lines += [f"## {floor}", "", "| module | decides |", "| --- | --- |"]
        for path in sorted((PACKAGE / floor).rglob("*.py")):
            place = path.relative_to(PACKAGE / floor).with_suffix("")
            is_left_out = {"tests", "migrations", "commands"} & set(place.parts)
            sentence = "" if is_left_out else first_sentence(path)
            if sentence:
                parts = place.parts[:-1] if place.name == "__init__" else place.parts
                lines.append(f"| `{'.'.join(parts) or floor}` | {cell(sentence)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def first_sentence(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    return re.split(r"(?<=[.:]) (?=[A-Z])", paragraph)[0].rstrip(":")


def link(text: str, url: str) -> str:
    return f"[{text}]({url})" if url else text


def own_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What the command itself takes, without what every Django command does."""
    shared = {"help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color"}
    shared |= {"force_color", "skip_checks"}
    return [action for action in parser._actions if action.dest not in shared]  # noqa: SLF001 -- argparse shows them nowhere else


def option_entry(action: argparse.Action) -> str:
    if action.help == argparse.SUPPRESS:
        return ""
    if action.option_strings:
        name = ", ".join(action.option_strings)
        value = f" {str(action.metavar or action.dest).upper()}" if action.nargs != 0 else ""
    else:
        name, value = str(action.metavar or action.dest).upper(), ""
    if action.choices:
        value = f" {{{','.join(str(choice) for choice in action.choices)}}}"
    default = ""
    if action.option_strings and action.nargs != 0 and action.default not in {None, ""}:
        default = f" (default: {action.default})"
    return f"- `{name}{value}`: {action.help}{default}"


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
