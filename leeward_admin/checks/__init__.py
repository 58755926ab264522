"""Whether an installation is fit for the fleet: its configuration, its servers and their schema."""

from leeward_admin.checks.check import Check, Verdict
from leeward_admin.checks.checks import check_installation, run_checks

__all__ = ["Check", "Verdict", "check_installation", "run_checks"]
