"""Django's registration of mail."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    """Mail, under the label `mail`."""

    name = "lineshaft.plumbing.mail"
    label = "mail"
    verbose_name = _("Mail")
