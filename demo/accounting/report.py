"""The ledger for people, and for programs."""

from typing import Any

from demo.accounting.ledger import Fate, Ledger
from demo.accounting.orders import Family, Orders
from demo.screen import DemoScreen

_WIDTHS = (10, 9, 9, 7, 7, 9, 6, 9)
_COLUMNS = ("", "enqueued", "effects", "done", "dead", "unknown", "lost", "repeated")


def show(screen: DemoScreen, ledger: Ledger, orders: Orders) -> None:
    """A table, then what was parked."""
    screen.line(_row(_COLUMNS), style="bold")
    for family in Family:
        screen.line(_row(_numbers(ledger, orders, family)))
    screen.line(_row(_numbers(ledger, orders, None)), style="bold")
    parked = [entry for entry in ledger.entries if entry.fate is Fate.UNKNOWN]
    for entry in parked:
        found = "the mail server has it" if entry.times else "the mail server does not have it"
        screen.line(f"parked, not sent again: {' to '.join(entry.effect.name)} ({found})", style="yellow")


def document(ledger: Ledger, orders: Orders, problems: list[str]) -> dict[str, Any]:
    """The same as JSON."""
    names = _COLUMNS[1:]
    return {
        "ok": not problems,
        "problems": problems,
        "duplicates": orders.outcomes("duplicate"),
        "conflicts": orders.outcomes("conflict"),
        "families": {family: dict(zip(names, _numbers(ledger, orders, family)[1:], strict=True)) for family in Family},
        "total": dict(zip(names, _numbers(ledger, orders, None)[1:], strict=True)),
        "parked": [
            {"subject": entry.effect.name[0], "recipient": entry.effect.name[1], "accepted": entry.times}
            for entry in ledger.entries
            if entry.fate is Fate.UNKNOWN
        ],
    }


def _numbers(ledger: Ledger, orders: Orders, family: Family | None) -> tuple[object, ...]:
    jobs = orders.jobs
    return (
        family or "total",
        sum(jobs.values()) if family is None else jobs[family],
        len(ledger.of(family)),
        *(ledger.count(fate, family) for fate in (Fate.DONE, Fate.DEAD, Fate.UNKNOWN, Fate.LOST)),
        ledger.repeated(family),
    )


def _row(cells: tuple[object, ...]) -> str:
    first, *others = (str(cell).rjust(width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return first.strip().ljust(_WIDTHS[0]) + "".join(others)
