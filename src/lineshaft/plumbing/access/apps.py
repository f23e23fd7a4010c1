"""Django's registration of access."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """Access, under the label `access`."""

    name = "lineshaft.plumbing.access"
    label = "access"
    verbose_name = _("Access")
