"""What the import of one public name loads, in a process that has loaded nothing else."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("name", "unwanted"),
    [("State", {"sqlalchemy", "redis", "pydantic"}), ("QueueState", {"sqlalchemy"}), ("request_for", {"sqlalchemy"})],
)
def test_a_name_costs_only_what_it_needs(name: str, unwanted: set[str]) -> None:
    program = f"import sys\nfrom leeward_admin import {name}\nprint(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert not unwanted & set(said.stdout.split())
