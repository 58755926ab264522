"""Calls what an extension brought, at an instance of a provider."""

from collections.abc import Callable
from typing import Any

from leeward.extension import Provider, ProviderError
from workers.composition.binding.opened_providers import OpenedProviders


def at_instance(opened: OpenedProviders, name: str, call: Callable[[Provider[Any]], Any]) -> Any:
    """What `call` returns for an instance; a provider's error learns which instance it is about.

    Raises:
        ProviderError: what `call` raised, or the instance cannot be opened.
    """
    try:
        return call(opened.get(name))
    except ProviderError as error:
        error.attributed(name, opened.type_of(name))
        raise
