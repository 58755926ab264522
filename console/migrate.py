"""`leeward migrate`: the database's schema."""

import click

from console.screen import Screen, output


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be applied.")
@output
def migrate(screen: Screen, *, dry_run: bool) -> None:
    """Bring the database to this release's schema. Safe to run anywhere, any number of times."""
    from workers.admin_migrate import migrate as run
    from workers.logs import configure
    from workers.settings import Settings

    settings = Settings.from_environment()
    configure(level="ERROR", form=settings.log_format)
    revisions = run(settings, dry_run=dry_run)
    if screen.as_json:
        screen.document({"applied": [] if dry_run else revisions, "pending": revisions if dry_run else []})
    elif not revisions:
        screen.line("The database is up to date.")
    else:
        screen.line(f"{'To apply' if dry_run else 'Applied'}: {', '.join(revisions)}")
