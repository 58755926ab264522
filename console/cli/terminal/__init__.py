"""What a command shows and asks: tables, confirmation, progress, durations."""
