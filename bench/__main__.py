"""`python -m bench NAME [--quick]`, `python -m bench --list`."""

import argparse
import signal
import sys

from bench.catalogue import BENCHMARKS, run
from bench.stage import stage


def main() -> int:
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:<12}{(sys.modules[benchmark.__module__].__doc__ or '').splitlines()[0]}")
        return 0
    if arguments.name is None:
        parser.error("name a benchmark, or ask for --list")
    # An ordinary exception on its way out stops the workers and the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with stage() as place:
        report = run(arguments.name, place, quick=arguments.quick)
    print(report.line(), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench", description="Measures plain Dramatiq and Leeward in turn, on one server."
    )
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer rounds, 40 s at most")
    parser.add_argument("--list", action="store_true", help="names every benchmark and what it measures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
