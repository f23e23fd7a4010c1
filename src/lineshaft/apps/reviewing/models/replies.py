"""What reviewers said as it was released to a team, and what the team replies.

Invariants: the remarks on an application are released once at a stage of reply and never change; an
application has one reply at such a stage; what was handed in never changes, a later version stands
beside it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.triggers import append_only


class RemarkRelease(models.Model):
    """What reviewers said of an application, without their names, as its team reads it.

    `remarks` are rows with the number of the remark, that of the reviewer, the criterion in both
    languages, strengths and weaknesses.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="remark_releases",
        verbose_name=_("application"),
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="remark_releases", verbose_name=_("stage")
    )
    remarks = models.JSONField(_("remarks"))
    released_at = models.DateTimeField(_("released at"))
    released_by = models.CharField(_("released by"), max_length=200)

    class Meta:
        verbose_name = _("released remarks")
        verbose_name_plural = _("released remarks")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "stage"], name="reviewing_remarks_released_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.stage_id}"


class Reply(models.Model):
    """What a team replies, as it stands now; `texts` by the number of the remark, 0 for the whole.

    `revision` counts its writings; `others_revision` is the last one that somebody else than
    `changed_by_user` wrote. `pages` are those of the file.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="replies", verbose_name=_("application")
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="replies", verbose_name=_("stage")
    )
    texts = models.JSONField(_("texts"), default=dict)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    others_revision = models.PositiveIntegerField(_("revision of others"), default=0)
    changed_at = models.DateTimeField(_("last changed at"))
    changed_by = models.CharField(_("last changed by"), max_length=200)
    changed_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("last changed by"),
    )

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "stage"], name="reviewing_reply_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.stage_id}"


class ReplySubmission(models.Model):
    """A reply as it was handed in; `content` holds the texts and the document's name and hash.

    The server's clock says when; `digest` is the SHA-256 of the content.
    """

    reply = models.ForeignKey(
        Reply, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("reply")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(_("content"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )
    submitted_at = models.DateTimeField(_("submitted at"))
    submitted_by = models.CharField(_("submitted by"), max_length=200)
    is_late = models.BooleanField(_("arrived late"), default=False)

    class Meta:
        verbose_name = _("reply as handed in")
        verbose_name_plural = _("replies as handed in")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["reply", "number"], name="reviewing_reply_submission_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reply_id}: {self.number}"


REPLY_TRIGGERS = (
    *append_only("reviewing_remarkrelease"),
    *append_only("reviewing_replysubmission"),
)
