"""What a simulated Seerr does with `POST /request`, with the order and the gaps of its checks."""

import time
from typing import Any

from simulators.http_server import Answer
from simulators.seerr.settings import Settings
from simulators.seerr.titles import SEASONS, MediaRequest, RequestStatus, Title, Titles


def refusal(status: int, message: str) -> Answer:
    return Answer.of_json({"message": message}, status)


def tmdb_failure(rules: Settings, media_type: str, tmdb_id: int) -> Answer | None:
    """What an unknown title, or an outage of TMDB, makes of a request."""
    what = "movie details" if media_type == "movie" else "TV show details"
    if rules.tmdb:
        return refusal(500, f"[TMDB] Failed to fetch {what}: {rules.tmdb}")
    if tmdb_id in rules.unknown_titles:
        return refusal(500, f"[TMDB] Failed to fetch {what}: Request failed with status code 404")
    return None


def created(titles: Titles, rules: Settings, sent: dict[str, Any]) -> Answer | MediaRequest:
    """The new request, or why there is none."""
    media_type, tmdb_id = sent["mediaType"], sent["mediaId"]
    user = sent.get("userId") or 1
    if user not in rules.users:
        where = f'"where": {{"id": {user}}}'
        return refusal(500, f'Could not find any entity of type "User" matching: {{{where}}}')
    if not rules.may_request:
        kind = "movie" if media_type == "movie" else "series"
        return refusal(403, f"You do not have permission to make {kind} requests.")
    quota = rules.movie_quota if media_type == "movie" else rules.series_quota
    if quota is not None and _count(titles, media_type, user) >= quota:
        return refusal(403, f"{'Movie' if media_type == 'movie' else 'Series'} Quota exceeded.")
    failure = tmdb_failure(rules, media_type, tmdb_id)
    if failure is not None:
        return failure
    if tmdb_id in rules.blocklist and not rules.overseerr:
        return refusal(403, "This media is blocklisted.")
    return _of_title(titles, rules, sent, titles.title(media_type, tmdb_id), user)


def _of_title(titles: Titles, rules: Settings, sent: dict[str, Any], title: Title, user: int) -> Answer | MediaRequest:
    is_4k = sent.get("is4k")
    if title.media_type == "movie":
        over = {RequestStatus.DECLINED} | (set() if rules.overseerr else {RequestStatus.COMPLETED})
        if titles.active(title, is_4k, over):
            return refusal(409, "Request for this media already exists.")
        seasons: set[int] = set()
    else:
        asked = sent["seasons"]
        wanted = set(range(0 if rules.overseerr else 1, SEASONS + 1)) if asked == "all" else set(asked)
        standing = titles.active(title, is_4k, {RequestStatus.DECLINED})
        seasons = wanted - {season for one in standing for season in one.seasons}
        if not seasons:
            return Answer.of_json({"message": "No seasons available to request"}, 202)
    time.sleep(rules.commit_delay_ms / 1000)  # the race of two callers: nothing keeps the second from being stored
    return titles.add(title, is_4k=is_4k, user_id=user, seasons=seasons, body=sent, approve=rules.auto_approve)


def _count(titles: Titles, media_type: str, user: int) -> int:
    return sum(1 for one in titles.all() if one.title.media_type == media_type and one.user_id == user)
