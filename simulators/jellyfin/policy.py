"""Jellyfin's user policies: what a new account gets, and what a field gets that an update leaves out."""

from collections.abc import Mapping
from typing import Any

REQUIRED = ("AuthenticationProviderId", "PasswordResetProviderId")
"""An update without them is refused."""

OMITTED: Mapping[str, Any] = {
    "IsAdministrator": False,
    "IsHidden": True,
    "EnableCollectionManagement": False,
    "EnableSubtitleManagement": False,
    "EnableLyricManagement": False,
    "IsDisabled": False,
    "BlockedTags": [],
    "AllowedTags": [],
    "EnableUserPreferenceAccess": True,
    "AccessSchedules": [],
    "BlockUnratedItems": [],
    "EnableRemoteControlOfOtherUsers": False,
    "EnableSharedDeviceControl": False,
    "EnableRemoteAccess": True,
    "EnableLiveTvManagement": True,
    "EnableLiveTvAccess": True,
    "EnableMediaPlayback": True,
    "EnableAudioPlaybackTranscoding": True,
    "EnableVideoPlaybackTranscoding": True,
    "EnablePlaybackRemuxing": True,
    "ForceRemoteSourceTranscoding": False,
    "EnableContentDeletion": False,
    "EnableContentDeletionFromFolders": [],
    "EnableContentDownloading": True,
    "EnableSyncTranscoding": True,
    "EnableMediaConversion": True,
    "EnabledDevices": [],
    "EnableAllDevices": True,
    "EnabledChannels": [],
    "EnableAllChannels": True,
    "EnabledFolders": [],
    "EnableAllFolders": True,
    "InvalidLoginAttemptCount": 0,
    "LoginAttemptsBeforeLockout": -1,
    "MaxActiveSessions": 0,
    "EnablePublicSharing": True,
    "BlockedMediaFolders": [],
    "BlockedChannels": [],
    "RemoteClientBitrateLimit": 0,
    "SyncPlayAccess": "CreateAndJoinGroups",
}
"""The constructor's defaults of `UserPolicy`: an update replaces the policy, it does not merge."""

NEW_ACCOUNT: Mapping[str, Any] = {
    **OMITTED,
    "EnableSharedDeviceControl": True,
    "EnableLiveTvManagement": False,
    "AuthenticationProviderId": "Jellyfin.Server.Implementations.Users.DefaultAuthenticationProvider",
    "PasswordResetProviderId": "Jellyfin.Server.Implementations.Users.DefaultPasswordResetProvider",
}

_DEFAULT_LOCKOUT = 3
_KNOWN = {*NEW_ACCOUNT, "MaxParentalRating", "MaxParentalSubRating"}


def replaced(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The policy that is stored when `sent` is posted."""
    stored = {**OMITTED, **{name: value for name, value in sent.items() if name in _KNOWN}}
    if stored["LoginAttemptsBeforeLockout"] == 0:
        stored["LoginAttemptsBeforeLockout"] = _DEFAULT_LOCKOUT
    return stored


def shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The policy that a read answers: `EnableLyricManagement` is stored but never shown, so a round trip clears it."""
    return {**stored, "EnableLyricManagement": False}
