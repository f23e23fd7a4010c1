"""The notice of a competition as a document: printed in both languages at its opening and with each
amendment, stored, and never made again.
"""

from datetime import datetime
from typing import Final

from django.utils import translation

from lineshaft.apps.competitions.models import Competition, NoticeEdition
from lineshaft.apps.competitions.services.notice_document import render_notice
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.sharing import SharingLevel

LANGUAGES: Final = ("en", "zh-hans")


def print_notice(
    actor: Actor, competition: Competition, number: int, *, now: datetime
) -> NoticeEdition:
    """Print and store the notice as it stands with that amendment, 0 for the opening."""
    files = {language: _store(actor, competition, number, language, now) for language in LANGUAGES}
    return NoticeEdition.objects.create(
        competition=competition,
        number=number,
        file_en=files["en"],
        file_zh=files["zh-hans"],
        printed_at=now,
    )


def _store(
    actor: Actor, competition: Competition, number: int, language: str, now: datetime
) -> StoredFile:
    with translation.override(language):
        content = render_notice(competition, number, printed_at=now)
    return store_file(
        actor,
        content,
        name=f"{competition.key}-{number}-{language}.pdf",
        now=now,
        level=SharingLevel(competition.level),
        purpose="competition_notice",
        institute=competition.institute.key if competition.institute else "",
    )
