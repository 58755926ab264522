"""Accounts that the fleet keeps at providers, and until when."""
