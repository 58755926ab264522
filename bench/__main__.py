"""`python -m bench NAME [--quick] [--guards all]`, `python -m bench --list`."""

import argparse
import signal
import sys

from bench.catalogue import BENCHMARKS, GUARDED, named, run
from bench.stage import stage


def main() -> int:
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:<12}{(sys.modules[benchmark.__module__].__doc__ or '').splitlines()[0]}{_alias(name)}")
        return 0
    if arguments.name is None:
        parser.error("name a benchmark, or ask for --list")
    try:
        name = named(arguments.name, arguments.guards)
    except ValueError as error:
        parser.error(str(error))
    # An ordinary exception on its way out stops the workers and the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with stage() as place:
        report = run(name, place, quick=arguments.quick)
    print(report.line(), flush=True)
    return 0


def _alias(name: str) -> str:
    others = [other for other, guarded in GUARDED.items() if guarded == name]
    return f" Also: {others[0]} --guards all." if others else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench", description="Measures plain Dramatiq and Leeward in turn, on one server."
    )
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, metavar="NAME", help=f"one of: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer rounds, 40 s at most")
    parser.add_argument("--guards", choices=["all"], help="`throughput --guards all` is `guards`: with every guard on")
    parser.add_argument("--list", action="store_true", help="names every benchmark and what it measures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
