"""Listings: each is declared once, and shown as a table, as lines with tabs, as JSON or as CSV."""
