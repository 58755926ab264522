"""What the actors of the `email` family do beyond one mail."""
