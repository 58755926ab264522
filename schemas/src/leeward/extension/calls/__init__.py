"""Calls of providers: each has a name and a total time, and is measured."""

from leeward.extension.calls.call import Call, current_call
from leeward.extension.calls.calls import Calls
from leeward.extension.calls.measured import MeasuredCall

__all__ = ["Call", "Calls", "MeasuredCall", "current_call"]
