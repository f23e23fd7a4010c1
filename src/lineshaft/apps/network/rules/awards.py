"""Awards of other agencies: how what a public register says of one becomes a record.

Invariants: a register names its award by a number of its own, once; texts are plain, without the
markup that some registers send; an agency is linked where its key or name is known, and nowhere by
likeness. Who recorded an award of another agency is whoever answers for that agency here.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Final

from lineshaft.apps.network.rules.names import folded_name
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

ABSTRACT_LENGTH_MAX: Final = 20_000
"""Characters of an award's text; the longest of 44,000 public ones has 16,720."""

TITLE_LENGTH_MAX: Final = 500
TITLE_SHOWN: Final = 120
"""Characters that stand for a title where a register gives none, as USAspending does."""

YEAR_FIRST: Final = 1900
YEAR_LAST: Final = 2199

AGENCY_REGISTERS: Final[Mapping[str, str]] = {"nsf": "National Science Foundation"}
"""Registers of one agency's awards, by the name under which the mappings that ship read them."""

COMMON_REGISTERS: Final = frozenset({"sbir", "sbir-page", "usaspending"})
"""Registers in which awards of many agencies stand, by the names in the mappings that ship."""

AMOUNT_MINOR_MAX: Final = 10**15
"""Ten trillion in cents, more than any nation spends: beyond it a column was misread."""

_PHASE: Final = re.compile(r"phase\s+(i{1,3}|[123])\b", re.IGNORECASE)
_PHASES: Final = {"i": 1, "ii": 2, "iii": 3, "1": 1, "2": 2, "3": 3}
_SMALL_FIRMS: Final = re.compile(r"\b(?:SBIR|STTR)\b", re.IGNORECASE)
_SOURCE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MARKUP: Final = re.compile(
    r"""<(?P<end>/?)(?P<name>a|b|big|blockquote|br|center|dd|div|dl|dt|em|font|h[1-6]|hr|i|img|li|ol
    |p|pre|script|small|span|strong|style|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul)
    (?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?>""",
    re.IGNORECASE | re.VERBOSE,
)
"""What is markup and not a less-than sign: abstracts of mathematics hold many of those."""

_BREAKS: Final = frozenset({"br", "dd", "dt", "hr", "li", "td", "th", "tr"})
_BLOCKS: Final = frozenset(
    {"blockquote", "center", "div", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre"}
    | {"table", "ul"}
)
_HIDDEN: Final = frozenset({"script", "style"})
_CONTROL: Final = {
    code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"
}

_NO_SOURCE: Final = gettext_noop(
    "“%(source)s” is no short name of a register. Write small letters, digits and hyphens, as nsf."
)
_NO_OWN_REGISTER: Final = gettext_noop(
    "“%(source)s” is the register of another agency. Name the register in which the award stands: "
    "your own agency's, or a common one such as %(common)s."
)
_NO_YEAR: Final = gettext_noop("A year of an award lies between %(first)s and %(last)s.")
_NO_AMOUNT: Final = gettext_noop("No award is that large. Check the amount.")


class _TextOfMarkup(HTMLParser):
    """The text of a page's fragment; breaks and blocks become line breaks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.hidden += tag in _HIDDEN
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in _HIDDEN and self.hidden > 0
        if tag in _BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)

    def _break(self, tag: str) -> None:
        if tag in _BREAKS:
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")


def plain_text(markup: str) -> str:
    """The text without markup and named characters; a blank line stands between paragraphs.

    A less-than sign that opens no element of a text stays what it is.
    """
    text = markup
    if "<" in text or "&" in text:
        parser = _TextOfMarkup()
        parser.feed(_literal_signs(text))
        parser.close()
        text = "".join(parser.parts)
    lines = (" ".join(line.split()) for line in text.translate(_CONTROL).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def plain_line(markup: str) -> str:
    """The same on one line, for titles and names."""
    return " ".join(plain_text(markup).split())


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a plain text; single line breaks within one are those of its source."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def title_of_award(title: str, *, abstract: str, programme: str, number: str) -> str:
    """What the award is called: its title, else how its text begins, its programme, its number."""
    if title:
        return title
    begins = " ".join(abstract.split())
    if len(begins) > TITLE_SHOWN:
        whole_words = begins[:TITLE_SHOWN].rsplit(" ", 1)[0]
        begins = f"{whole_words} …"
    return begins or programme or number


def agency_of_award(
    agency: str, office: str, *, known: Mapping[str, str], parents: Mapping[str, str | None]
) -> str | None:
    """The key of the office that made the award where it is known, else of its agency, else None.

    `known` leads from keys and names, both folded, to keys; `parents` from a key to that of the
    agency above. An office counts only under the agency that the register names with it.
    """
    above = known.get(folded_name(agency))
    below = known.get(folded_name(office)) if office else None
    if below is not None and above in agencies_above(below, parents):
        return below
    return above


def agencies_above(key: str | None, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """The agency and every one above it, from the lowest up; none for None."""
    found = []
    while key is not None:
        found.append(key)
        key = parents.get(key)
    return tuple(found)


def digest_of_award(content: Iterable[object]) -> str:
    """Tells whether what a register says of an award has changed: SHA-256 of its columns."""
    written = json.dumps([str(part) for part in content], ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def digest_of_text(text: str) -> str:
    """Tells whether a text has changed: SHA-256 of it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def phase_number(text: str) -> int:
    """The phase that a register's words name, 1 to 3; 0 for none."""
    found = _PHASE.search(text)
    return _PHASES[found[1].lower()] if found else 0


def names_listed(text: str) -> tuple[str, ...]:
    """The names of a list: apart by semicolons where there are any, else by commas."""
    parts = text.split(";" if ";" in text else ",")
    return tuple(part.strip() for part in parts if part.strip())


def is_for_small_firms(source: str, programme: str) -> bool:
    """Whether the award is of a programme for small firms, whose holder is a party by itself."""
    return source.startswith("sbir") or bool(_SMALL_FIRMS.search(programme))


def refuse_register(source: str, *, is_of_others: bool) -> Refusal | None:
    """Why a sponsor can't record awards under that register, or None."""
    if not is_of_others:
        return None
    params = {"source": source, "common": ", ".join(sorted(COMMON_REGISTERS))}
    return Refusal("no_own_register", _NO_OWN_REGISTER, params=params)


def refuse_source(source: str) -> Refusal | None:
    """Why this can't name a register, or None."""
    if _SOURCE.fullmatch(source):
        return None
    return Refusal("no_source", _NO_SOURCE, params={"source": source})


def refuse_year(year: int | None) -> Refusal | None:
    """Why an award can't be of that year, or None."""
    if year is None or YEAR_FIRST <= year <= YEAR_LAST:
        return None
    return Refusal("no_year", _NO_YEAR, params={"first": YEAR_FIRST, "last": YEAR_LAST})


def refuse_amount(amount_minor: int | None) -> Refusal | None:
    """Why no award can be of that amount, or None."""
    if amount_minor is None or abs(amount_minor) <= AMOUNT_MINOR_MAX:
        return None
    return Refusal("no_such_amount", _NO_AMOUNT)


def _literal_signs(text: str) -> str:
    """The text in which every less-than sign that opens no markup is written as a character.

    What would hide the text up to its end opens no markup where that end is missing.
    """
    markup = list(_MARKUP.finditer(text))
    last_ends = {one["name"].lower(): one.start() for one in markup if one["end"]}
    parts = []
    done = 0
    for found in markup:
        name = found["name"].lower()
        if name in _HIDDEN and not found["end"] and last_ends.get(name, -1) < found.start():
            continue
        parts.append(text[done : found.start()].replace("<", "&lt;"))
        parts.append(found.group())
        done = found.end()
    parts.append(text[done:].replace("<", "&lt;"))
    return "".join(parts)
