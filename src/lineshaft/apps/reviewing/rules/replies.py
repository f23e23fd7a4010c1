"""What reviewing decides of replies: who is told what reviewers said, and which reply is in order.

An applicant reads the remarks on its application without the names behind them, and replies within
the time and the length of the stage. A page of a reply is a page of its PDF, or so many words.
"""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from lineshaft.apps.competitions import rules as competitions
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.permit import Permission

REPLY_MAX: Final = 20_000
"""Characters of one text of a reply."""

WORDS_A_PAGE: Final = 500
"""How many words of a text count as a page: one of single-spaced lines. The program's own choice;
no law or notice sets it.
"""

WHOLE: Final = 0
"""The number under which the reply as a whole stands; remarks count from 1."""

DISCLOSED: Final = Citation(
    "15 U.S.C. 278s(e)(4)(B)(ii)",
    "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s",
)
"""The process of the competition is to be transparent and accountable."""

REPLYING_VERBS: Final = ("write_reply", "attach_reply_document", "remove_reply_document")
"""The verbs of whoever writes in an application, and reads all of it."""

REPLY_PERMISSIONS: Final = (
    Permission(
        "release_remarks",
        gettext_noop("Whoever runs the competition does this."),
        roles=competitions.RUNNERS,
    ),
    *(
        Permission(
            verb,
            gettext_noop("Whoever writes in an application and reads all of it writes its reply."),
            is_for_signed_in=True,
        )
        for verb in REPLYING_VERBS
    ),
    Permission(
        "submit_reply",
        gettext_noop("Whoever leads the team of an application hands in its reply."),
        is_for_signed_in=True,
    ),
)

_CHINESE: Final = r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_LETTER: Final = rf"(?:(?!{_CHINESE})[^\W_])"
_WORD: Final = re.compile(rf"{_CHINESE}|{_LETTER}+(?:['’.,-]{_LETTER}+)*")

_NOT_OPEN: Final = gettext_noop("No stage in which applicants reply is open now.")
_NO_REMARKS: Final = gettext_noop(
    "No remarks on this application were released to its team, so there is nothing to reply to."
)
_RELEASED: Final = gettext_noop(
    "There are no remarks left to release: each application with a submitted review has them."
)
_TOO_LONG: Final = gettext_noop(
    "The reply takes %(pages)s pages: %(pdf)s of its document, and %(words)s words at"
    " %(a_page)s a page. %(most)s are the most. Shorten it, and hand it in again."
)
_EMPTY: Final = gettext_noop("Write a reply, or attach it as a PDF, before it is handed in.")
_UNCHANGED: Final = gettext_noop(
    "This reply is handed in already as it stands, as version %(number)s."
)
_WITHDRAWN: Final = gettext_noop("The application is withdrawn, so nothing is said for it.")


def refuse_reply_call(state: str, stage_kind: StageKind | None) -> Refusal | None:
    """Why nobody can reply while the competition stands so, or None."""
    if state == competitions.IN_REVIEW and stage_kind is StageKind.REPLY:
        return None
    return Refusal("no_reply_open", _NOT_OPEN, competitions.NOTICE)


def refuse_releasing(count: int) -> Refusal | None:
    """Why nothing is released where so many applications have remarks to be, or None."""
    return None if count else Refusal("nothing_to_release", _RELEASED, DISCLOSED)


def refuse_replying(*, is_withdrawn: bool, has_remarks: bool) -> Refusal | None:
    """Why a team can't reply, or None."""
    if is_withdrawn:
        return Refusal("application_withdrawn", _WITHDRAWN)
    return None if has_remarks else Refusal("no_remarks", _NO_REMARKS, DISCLOSED)


def refuse_empty_reply(*, words: int, has_document: bool) -> Refusal | None:
    """Why a reply that says so much can't be handed in, or None."""
    return None if words or has_document else Refusal("reply_empty", _EMPTY)


def refuse_long_reply(words: int, pdf_pages: int, most: int | None) -> Refusal | None:
    """Why a reply of that length can't be handed in where so many pages are the most, or None."""
    pages = pages_of_reply(words, pdf_pages)
    if most is None or pages <= most:
        return None
    params = {"pages": pages, "pdf": pdf_pages, "words": words, "a_page": WORDS_A_PAGE}
    return Refusal("reply_too_long", _TOO_LONG, competitions.NOTICE, params | {"most": most})


def refuse_same_reply(number: int) -> Refusal | None:
    """Why the same reply isn't handed in twice, or None; the version is 0 where it was not yet."""
    if not number:
        return None
    return Refusal("reply_unchanged", _UNCHANGED, params={"number": number})


def words_of(text: str) -> int:
    """How many words a text has; a Chinese character counts as one."""
    return len(_WORD.findall(text))


def pages_of_reply(words: int, pdf_pages: int) -> int:
    """How many pages a reply takes, its text counted in words."""
    return pdf_pages + math.ceil(words / WORDS_A_PAGE)


def reads_whole(parts: Collection[str]) -> bool:
    """Whether whom these parts of an application are open to reads what is said of all of it."""
    return frozenset(competitions.PARTS) <= frozenset(parts)


def own_remarks(
    released: Iterable[Mapping[str, Any]], said: Collection[tuple[str, str, str]]
) -> frozenset[int]:
    """The numbers of the released remarks that are of the reviewer who said this: criterion,
    strengths and weaknesses of each. Remarks bear no name; a reviewer is known by the whole of it.
    """
    rows = list(released)
    found: dict[int, set[tuple[str, str, str]]] = {}
    for one in rows:
        words = one["criterion"], one["strengths"], one["weaknesses"]
        found.setdefault(one["reviewer"], set()).add(words)
    return frozenset(one["number"] for one in rows if found[one["reviewer"]] == set(said))
