"""Replays of dead letters as they run: from claims to jobs, at their velocity, under their rules, in any process."""
