"""Writes the JSON Schema of every kind@version to schemas/snapshots/, where CI compares it. `--check` only compares."""

import argparse
import json
import sys
from pathlib import Path

from leeward.jobs.job import Job
from leeward.jobs.kinds import KINDS

SNAPSHOTS = Path(__file__).resolve().parents[1] / "schemas" / "snapshots"


def file_name(job: type[Job]) -> str:
    return f"{job.kind}@{job.version}.json"


def schema_text(job: type[Job]) -> str:
    """The schema of what producers send, in a form whose diffs can be read."""
    return json.dumps(job.model_json_schema(), indent=2, sort_keys=True) + "\n"


def differing(folder: Path) -> list[str]:
    """Names of the snapshots that are missing or differ from this release."""
    names = {file_name(job): schema_text(job) for job in KINDS}
    return sorted(
        name
        for name, text in names.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit code 1 when a snapshot differs; write nothing")
    if parser.parse_args().check:
        names = differing(SNAPSHOTS)
        print("\n".join(f"{name} differs: see schemas/snapshots/README.md" for name in names))
        return 1 if names else 0
    SNAPSHOTS.mkdir(exist_ok=True)
    for job in KINDS:
        (SNAPSHOTS / file_name(job)).write_text(schema_text(job), encoding="utf-8")
        print(SNAPSHOTS / file_name(job))
    return 0


if __name__ == "__main__":
    sys.exit(main())
