"""What a relay's replies mean."""
