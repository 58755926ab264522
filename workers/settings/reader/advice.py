"""What to write instead of a value that a model refuses. Never repeats a secret."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from leeward.jobs.secret import REDACTED

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from workers.settings.reader.model_settings import Setting

LONGEST_REPEATED = 100


def advice_for(
    error: "ErrorDetails", setting: "Setting | None", secrets: Iterable[str] = (), written: Any = None
) -> str:
    """One sentence: the model's own words where it has some, else what the field's description asks for, else pydantic's.

    Args:
        error: of pydantic's.
        setting: None where the values as a whole are refused.
        secrets: what no message may hold, even where the author of a check repeats it.
        written: what is written there.
    """
    own_words = _without(str(error["ctx"]["error"]), secrets) if error["type"] == "value_error" else ""
    pydantics = _without(error["msg"][:1].lower() + error["msg"][1:], secrets)
    if setting is None:
        return f"cannot be used: {own_words or pydantics}."
    shown = f"is {written!r}, which " if setting.may_be_repeated and _is_short(written) else ""
    if own_words:
        return f"{shown}{own_words}."
    if error["type"] == "extra_forbidden":
        return "is not a setting; remove it."
    if wanted := setting.about.description:
        return f"{shown}cannot be used; write {wanted}."
    return f"{shown}cannot be used: {pydantics}."


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


def _is_short(value: Any) -> bool:
    scalars = value if isinstance(value, list) else [value]
    return not any(isinstance(one, list | Mapping) for one in scalars) and len(repr(value)) <= LONGEST_REPEATED
