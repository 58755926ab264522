"""`leeward dlq replay`, `replays`, `pause`, `resume` and `cancel`."""
