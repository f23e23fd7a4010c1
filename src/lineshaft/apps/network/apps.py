"""Django's registration of network."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    """Network, under the label `network`."""

    name = "lineshaft.apps.network"
    label = "network"
    verbose_name = _("Network")
