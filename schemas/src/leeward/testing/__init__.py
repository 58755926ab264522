"""For the tests of a service that enqueues: `FakeLeeward`, in memory, and `server`, a Valkey. For those of an extension: `fleet_with`.

    def test_an_order_sends_an_invoice(fake_leeward: FakeLeeward):
        place_order("INV-7", fleet=fake_leeward)
        fake_leeward.assert_enqueued(SyncInvoice, number="INV-7")

The fixture comes with the package. docs/producers.md has the whole story, docs/extending.md that of an extension's author.
"""

from typing import TYPE_CHECKING

from leeward.lazy_names import lazy_names

if TYPE_CHECKING:
    from leeward.testing.fake.async_client import FakeAsyncLeeward
    from leeward.testing.fake.client import FakeLeeward
    from leeward.testing.fake.job import FakeJob
    from leeward.testing.fleet import Ended, FleetNotInstalled, FleetUnderTest, Providers, fleet_with
    from leeward.testing.valkey_server import RunningServer, ServerNotInstalled, server

__all__ = [
    "Ended",
    "FakeAsyncLeeward",
    "FakeJob",
    "FakeLeeward",
    "FleetNotInstalled",
    "FleetUnderTest",
    "Providers",
    "RunningServer",
    "ServerNotInstalled",
    "fleet_with",
    "server",
]

_MODULES = {
    "fake.async_client": "FakeAsyncLeeward",
    "fake.client": "FakeLeeward",
    "fake.job": "FakeJob",
    "fleet": "Ended FleetNotInstalled FleetUnderTest Providers fleet_with",
    "valkey_server": "RunningServer ServerNotInstalled server",
}

if not TYPE_CHECKING:  # pytest imports this package in every project that has it: nothing is loaded before it is used
    __getattr__, __dir__ = lazy_names(__name__, {f"{__name__}.{module}": names for module, names in _MODULES.items()})
