"""Connections to Valkey: addresses, failovers, reconnecting, and what a server that refuses means."""
