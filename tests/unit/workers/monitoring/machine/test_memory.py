"""How much memory is in use, by the files that Linux has of it."""

from pathlib import Path

import pytest

from workers.monitoring.machine.memory import Memory, memory_in_use

KIB = 1024
MEMINFO = "MemTotal:       8000 kB\nMemFree:         100 kB\nMemAvailable:   6000 kB\nHugePages_Total: 0\n"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_the_cache_of_files_is_not_in_use(tmp_path: Path) -> None:
    write(tmp_path, {"proc/meminfo": MEMINFO})

    assert memory_in_use(tmp_path) == Memory(used=2000 * KIB, total=8000 * KIB)


@pytest.mark.parametrize(
    "group",
    [
        {"memory.max": "4096000\n", "memory.current": "3000000\n", "memory.stat": "anon 5\ninactive_file 1000000\n"},
        {
            "memory/memory.limit_in_bytes": "4096000\n",
            "memory/memory.usage_in_bytes": "3000000\n",
            "memory/memory.stat": "cache 7\ntotal_inactive_file 1000000\n",
        },
    ],
)
def test_the_limit_of_a_container_counts(tmp_path: Path, group: dict[str, str]) -> None:
    write(tmp_path, {"proc/meminfo": MEMINFO} | {f"sys/fs/cgroup/{name}": text for name, text in group.items()})

    assert memory_in_use(tmp_path) == Memory(used=2_000_000, total=4_096_000)


@pytest.mark.parametrize("limit", ["max", "9223372036854771712"])
def test_a_group_without_a_limit_has_the_machines(tmp_path: Path, limit: str) -> None:
    files = {"proc/meminfo": MEMINFO, "sys/fs/cgroup/memory.max": limit, "sys/fs/cgroup/memory.current": "1"}
    write(tmp_path, files)

    assert memory_in_use(tmp_path) == Memory(used=2000 * KIB, total=8000 * KIB)


@pytest.mark.parametrize("meminfo", ["", "MemTotal: much\n", "MemTotal: 1 kB\n", "\xff"])
def test_a_system_that_does_not_say_it_is_unknown(tmp_path: Path, meminfo: str) -> None:
    write(tmp_path, {"proc/meminfo": meminfo})

    assert memory_in_use(tmp_path) is None
    assert memory_in_use(tmp_path / "nowhere") is None
