"""Django's registration of the top floor, whose commands are the program's command line."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    """Settings, addresses and commands, under the label `config`."""

    name = "lineshaft.config"
    label = "config"
    verbose_name = _("Configuration")

    def ready(self) -> None:
        """Have what allauth changes audited."""
        from lineshaft.config.accounts import audit_second_factors  # noqa: PLC0415 -- apps are ready

        audit_second_factors()
