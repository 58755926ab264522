"""What the help of the command loads."""

import subprocess
import sys


def test_help_needs_none_of_the_heavy_packages() -> None:
    program = (
        "import sys\nfrom console.cli.main import leeward\n"
        "from console.cli.running import run\nrun(leeward, ['--help'])\n"
        "print(sorted({'redis', 'sqlalchemy', 'dramatiq', 'pydantic', 'rich', 'alembic', 'httpx'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout.splitlines()[-1] == "[]"
