"""Rules over a user's policy: what a job may change of it, and what that changes."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

KNOWN = frozenset(
    {
        "AccessSchedules",
        "AllowedTags",
        "BlockUnratedItems",
        "BlockedChannels",
        "BlockedMediaFolders",
        "BlockedTags",
        "EnableAllChannels",
        "EnableAllDevices",
        "EnableAllFolders",
        "EnableAudioPlaybackTranscoding",
        "EnableCollectionManagement",
        "EnableContentDeletion",
        "EnableContentDeletionFromFolders",
        "EnableContentDownloading",
        "EnableLiveTvAccess",
        "EnableLiveTvManagement",
        "EnableLyricManagement",
        "EnableMediaConversion",
        "EnableMediaPlayback",
        "EnablePlaybackRemuxing",
        "EnablePublicSharing",
        "EnableRemoteAccess",
        "EnableRemoteControlOfOtherUsers",
        "EnableSharedDeviceControl",
        "EnableSubtitleManagement",
        "EnableSyncTranscoding",
        "EnableUserPreferenceAccess",
        "EnableVideoPlaybackTranscoding",
        "EnabledChannels",
        "EnabledDevices",
        "EnabledFolders",
        "ForceRemoteSourceTranscoding",
        "IsHidden",
        "LoginAttemptsBeforeLockout",
        "MaxActiveSessions",
        "MaxParentalRating",
        "MaxParentalSubRating",
        "RemoteClientBitrateLimit",
        "SyncPlayAccess",
    }
)
"""The fields of `UserPolicy` in 10.11 and 12.0 that a job may set. A name that the server does not know is dropped by it without a word."""
NOT_OURS = {
    "IsDisabled": "say it with `state`",
    "IsAdministrator": "administrators are made in the dashboard",
    "AuthenticationProviderId": "who keeps an account's password is set in the dashboard",
    "PasswordResetProviderId": "who keeps an account's password is set in the dashboard",
    "InvalidLoginAttemptCount": "the server counts it",
}
_GUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def refusal(wanted: Mapping[str, Any]) -> str | None:
    """Why a job's policy cannot be set, with what to write instead; None where it can."""
    for name in wanted:
        if name in NOT_OURS:
            return f"{name} is not set by a policy: {NOT_OURS[name]}"
        if name not in KNOWN:
            near = get_close_matches(name, KNOWN, n=1, cutoff=0.5)
            return f"{name!r} is not a field of a policy{f': did you mean {near[0]!r}?' if near else ''}"
    return None


def differing(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a post would change. The server shows no nulls, and writes GUIDs without dashes."""
    return {name: value for name, value in wanted.items() if _plain(value) != _plain(shown.get(name))}


def _plain(value: Any) -> Any:
    match value:
        case str() if _GUID.fullmatch(value):
            return value.replace("-", "").lower()
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
    return value
