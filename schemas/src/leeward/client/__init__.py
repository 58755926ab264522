"""The clients: `Leeward` for threads and `AsyncLeeward` for event loops, over one core.

An operation is a generator of steps in `core.py`; `sync_client.py` and `async_client.py` have its public signature and perform it.
"""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from leeward.client.async_client import AsyncLeeward
    from leeward.client.sync_client import Leeward

__all__ = ["AsyncLeeward", "Leeward"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_names(
        __name__, {"leeward.client.async_client": "AsyncLeeward", "leeward.client.sync_client": "Leeward"}
    )
