"""Replays of dead letters as they run: from claims to jobs, at their pace, under their rules, whoever runs them."""
