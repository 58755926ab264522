"""What depends on what, and what stops without something."""
