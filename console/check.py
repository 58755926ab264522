"""`leeward check`: everything that is wrong, at once."""

import click

from console.exit_code import ExitCode
from console.screen import Screen, output


@click.command()
@output
@click.pass_context
def check(context: click.Context, screen: Screen) -> None:
    """Check the configuration, then the servers and their schema. Exit code 1 if anything is wrong."""
    from leeward.redaction import cleaned
    from workers.admin_checks import Verdict, run_checks
    from workers.logs import configure
    from workers.settings import Settings
    from workers.settings_problem import InvalidSettings

    try:
        settings = Settings.from_environment()
    except InvalidSettings as invalid:
        found = [(problem.name, Verdict.PROBLEM, problem.advice) for problem in invalid.problems]
    else:
        configure(level="ERROR", form=settings.log_format)
        found = [("configuration", Verdict.OK, "every variable can be used")]
        found += [(one.name, one.verdict, cleaned(one.detail)) for one in run_checks(settings)]
    wrong = sum(verdict is Verdict.PROBLEM for _, verdict, _ in found)
    if screen.as_json:
        checks = [{"name": name, "verdict": verdict.value, "detail": detail} for name, verdict, detail in found]
        screen.document({"ok": not wrong, "problems": wrong, "checks": checks})
    else:
        screen.table(("check", "verdict", "detail"), [(name, verdict.value, detail) for name, verdict, detail in found])
        screen.remark(f"{wrong} to mend." if wrong else "Ready.")
    context.exit(ExitCode.FAILED if wrong else ExitCode.OK)
