"""What replays of dead letters promise, measured."""
