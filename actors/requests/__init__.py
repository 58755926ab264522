"""Requests for media: submitted once, watched until they are over, looked at when a webhook says so."""
