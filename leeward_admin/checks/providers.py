"""Whether the installed extensions can be loaded and the configured providers are well, as a worker of this environment would find them."""

from leeward_admin.checks.check import Check, Verdict
from leeward_admin.loading import ExtensionsNotLoaded, answer_of


def check_providers() -> list[Check]:
    """Loads the extensions in a process of their own, with this process's environment."""
    try:
        found = answer_of("workers.composition.checkup")
    except ExtensionsNotLoaded as wrong:
        advice = f"the extensions or their providers {wrong}; workers would not start"
        return [Check("extensions", Verdict.PROBLEM, advice)]
    return [Check(one["name"], Verdict(one["verdict"]), one["detail"]) for one in found]
