"""Numbers over time as a row of characters."""

from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " .:-=+*#@"


def sparkline(values: Sequence[int], *, width: int, blocks: bool) -> str:
    """The values as at most `width` characters, each the sum of as many neighbours; the last one ends with the last value.

    Nothing is a blank, anything more is at least the lowest mark, the largest sum is the highest.

    Args:
        values: the oldest first, none below zero.
        width: in characters, at least one.
        blocks: whether the terminal can show block characters; otherwise the marks are ASCII.
    """
    each = max(1, -(-len(values) // width))
    first = len(values) % each
    sums = ([sum(values[:first])] if first else []) + [
        sum(values[start : start + each]) for start in range(first, len(values), each)
    ]
    marks = BLOCKS if blocks else ASCII
    most, steps = max(sums, default=0), len(marks) - 1
    return "".join(marks[-(-value * steps // most)] if value > 0 else marks[0] for value in sums)
