"""What the commands for people cost."""
