"""Jellyfin's user accounts over its HTTP API."""

from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.transport import Transport
from providers.jellyfin.user_directory import UserDirectory

__all__ = ["JellyfinConfig", "Transport", "UserDirectory"]
