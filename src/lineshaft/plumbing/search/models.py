"""The search index: one entry for each thing that can be found, and its tokens.

Invariants: one entry for each kind and object; a token stands once for an entry, with the sum of
its weights. The index holds nothing that is not in the thing itself, and can be made anew at any
time.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.search.rules import TOKEN_LENGTH_MAX
from lineshaft.plumbing.sharing import LEVEL_CHOICES


class SearchEntry(models.Model):
    """A thing that can be found, with what a list of results shows of it and who may see it."""

    kind = models.CharField(_("kind"), max_length=64)
    object_id = models.CharField(_("id"), max_length=64)
    title = models.CharField(_("title"), max_length=300)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True, default="")
    title_folded = models.CharField(max_length=300)
    summary = models.CharField(_("summary"), max_length=500, blank=True, default="")
    summary_zh = models.CharField(_("Chinese summary"), max_length=500, blank=True, default="")
    url = models.CharField(_("address"), max_length=300)
    level = models.CharField(_("shared with"), max_length=16, choices=LEVEL_CHOICES)
    institute = models.CharField(_("institute"), max_length=64, blank=True, default="")
    organisation_id = models.BigIntegerField(_("organisation"), null=True, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="search_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.title}"


class SearchToken(models.Model):
    """That a token stands in an entry, and how much that counts."""

    entry = models.ForeignKey(
        SearchEntry,
        on_delete=models.CASCADE,
        related_name="tokens",
        db_index=False,  # search_token_once begins with it
    )
    token = models.CharField(_("token"), max_length=TOKEN_LENGTH_MAX, db_index=True)
    weight = models.PositiveSmallIntegerField(_("weight"))

    class Meta:
        verbose_name = _("search token")
        verbose_name_plural = _("search tokens")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["entry", "token"], name="search_token_once"),
        ]

    def __str__(self) -> str:
        return self.token
