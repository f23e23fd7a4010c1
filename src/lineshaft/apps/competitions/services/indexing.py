"""What of competitions can be found by searching: topics, and competitions once they are shown."""

from collections.abc import Iterable, Iterator

from lineshaft.apps.competitions.models import Competition, Topic
from lineshaft.plumbing.search.documents import SearchDocument
from lineshaft.plumbing.search.services import index_entries
from lineshaft.plumbing.sharing import SharingLevel


def index_topics(ids: Iterable[int]) -> None:
    """Make these topics findable by title, need and technology area."""
    rows = Topic.objects.filter(pk__in=list(ids)).prefetch_related("technology_areas")
    index_entries(_topic_document(topic) for topic in rows)


def index_competitions(ids: Iterable[int]) -> None:
    """Make these competitions findable by number, title, summary and technology area.

    A draft is found by nobody: only what was shown to whom it is shared with is indexed.
    """
    rows = (
        Competition.objects.filter(pk__in=list(ids))
        .select_related("institute")
        .prefetch_related("technology_areas", "agencies")
    )
    index_entries(_competition_documents(rows))


def _topic_document(topic: Topic) -> SearchDocument:
    areas = list(topic.technology_areas.all())
    return SearchDocument(
        kind="competitions.topic",
        object_id=str(topic.pk),
        title=topic.title,
        title_zh=topic.title_zh,
        url=topic.get_absolute_url(),
        level=SharingLevel(topic.level),
        summary=topic.text,
        summary_zh=topic.text_zh,
        keywords=tuple(name for area in areas for name in (area.name, area.name_zh) if name),
    )


def _competition_documents(rows: Iterable[Competition]) -> Iterator[SearchDocument]:
    for row in rows:
        if row.first_shown_at is None:
            continue
        areas, agencies = row.technology_areas.all(), row.agencies.all()
        yield SearchDocument(
            kind="competitions.competition",
            object_id=str(row.pk),
            title=row.title,
            title_zh=row.title_zh,
            url=row.get_absolute_url(),
            level=SharingLevel(row.level),
            summary=row.summary,
            summary_zh=row.summary_zh,
            keywords=(
                row.code,
                *(name for area in areas for name in (area.name, area.name_zh) if name),
                *(word for one in agencies for word in (one.key, one.name, one.name_zh) if word),
            ),
            institute=row.institute.key if row.institute else "",
        )
