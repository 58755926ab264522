"""The example's own tests, run as its author runs them: in an environment with the fleet's package and pytest."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.acceptance.environment import Environment
from tests.acceptance.extension.conftest import BADGES


def test_the_examples_tests_pass_in_an_environment_of_a_user(environment: Environment, tmp_path: Path) -> None:
    environment.prepare_for_tests()
    shutil.copytree(BADGES / "tests", tmp_path / "tests")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEEWARD_", "PYTEST"))}

    done = subprocess.run(
        [environment.python, "-m", "pytest", "-q", "tests"],
        cwd=tmp_path,
        env=inherited,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed in", done.stdout, re.MULTILINE), done.stdout
