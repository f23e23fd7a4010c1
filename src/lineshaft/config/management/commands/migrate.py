"""lineshaft migrate: Django's own, but for a new database, which is made at once."""

from typing import Any, override

from django.core.management.commands.migrate import Command as Migrate

from lineshaft.config.tables import is_new, make_tables

ASKING = ("app_label", "migration_name", "plan", "check_unapplied", "fake", "fake_initial", "prune")
"""Options with which somebody asks for something else than a database of this version."""


class Command(Migrate):
    """Bring the database up to this version of the program, its triggers too."""

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        if not is_new(options["database"]) or any(options.get(name) for name in ASKING):
            super().handle(*args, **options)
            return
        make_tables(options["database"])
        if options["verbosity"]:
            self.stdout.write("Made every table of this version.")
