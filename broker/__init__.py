"""Dramatiq's Broker on Valkey or Redis: admit, settle, and what a worker process needs around them."""
