"""What no text of a process may show: secrets among settings, and passwords in addresses."""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr


def passwords_in(address: str) -> Iterator[str]:
    """The password of an address, as it is written there and as a server gets it; none where there is none."""
    try:
        password = urlsplit(address).password
    except ValueError:
        return
    if password:
        yield from (password, unquote(password))


def secrets_in(value: object) -> Iterator[str]:
    """Everything secret in a setting: what is declared so, and passwords in addresses."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
        yield from passwords_in(value.get_secret_value())
        return
    inner = _inner(value)
    if inner is None:
        yield from passwords_in(str(value))
        return
    for one in inner:
        yield from secrets_in(one)


def _inner(value: object) -> Iterable[object] | None:
    """What a setting holds; None for a single value."""
    if isinstance(value, BaseModel):
        return [inner for _, inner in value]
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple, set, frozenset)) else None
