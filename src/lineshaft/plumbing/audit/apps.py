"""Django's registration of the audit trail, and of the installer of triggers."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate  # noqa: TID251 -- Django's own event, not ours
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """The audit trail, under the label `audit`."""

    name = "lineshaft.plumbing.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        """Have every app's triggers installed anew after each migration."""
        from lineshaft.plumbing.triggers import install_triggers  # noqa: PLC0415 -- apps are ready

        post_migrate.connect(install_triggers, dispatch_uid="lineshaft.install_triggers")
