"""The tables `replays` and `replay_items`: replays as stored operations."""
