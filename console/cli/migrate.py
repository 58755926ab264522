"""`leeward migrate`: the database's schema."""

import click

from console.cli.terminal.output import output
from console.cli.terminal.screen import Screen


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list what would be applied.")
@output
def migrate(screen: Screen, *, dry_run: bool) -> None:
    """Migrate the database to this release's schema. Safe to run on any machine, any number of times."""
    from leeward_admin import Settings, log_errors_only
    from leeward_admin import migrate as run

    settings = Settings.from_environment()
    log_errors_only(settings)
    revisions = run(settings, dry_run=dry_run)
    if screen.as_json:
        screen.document({"applied": [] if dry_run else revisions, "pending": revisions if dry_run else []})
    elif not revisions:
        screen.line("The database is up to date.")
    else:
        screen.line(f"{'To apply' if dry_run else 'Applied'}: {', '.join(revisions)}")
