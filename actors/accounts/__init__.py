"""The account book: who has an account at which provider, until when, and every step on the way there."""
