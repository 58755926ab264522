"""What is wrong with a payload, for people: its fields by name, never a value, which may be secret."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from leeward.jobs.job import Job


def problems_of(model: type[Job], error: ValidationError) -> str:
    """Every problem in one line, with the nearest name where a field is none."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'payload'}: {_advice(model, one)}" for one in problems)


def _advice(model: type[Job], problem: Mapping[str, Any]) -> str:
    if problem["type"] != "extra_forbidden":
        return str(problem["msg"])
    close = get_close_matches(str(problem["loc"][-1]), model.model_fields, n=1)
    return (
        f"no such field, did you mean {close[0]}?"
        if close
        else f"no such field, there are {', '.join(model.model_fields)}"
    )
