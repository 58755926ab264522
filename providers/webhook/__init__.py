"""Webhooks that we send, signed as Standard Webhooks 1.0.0 says (https://github.com/standard-webhooks/standard-webhooks)."""
