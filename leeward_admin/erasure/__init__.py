"""Erasing a person's data from the whole fleet."""

from leeward_admin.erasure.erasure import Erasure, ErasureReport, Remains
from storage.erasure.record import ErasureRecord
from storage.erasure.subject import InvalidSubject

__all__ = ["Erasure", "ErasureRecord", "ErasureReport", "InvalidSubject", "Remains"]
