"""Django's registration of import and export."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """Import and export, under the label `exchange`."""

    name = "lineshaft.plumbing.exchange"
    label = "exchange"
    verbose_name = _("Import and export")
