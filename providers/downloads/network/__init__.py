"""Requests to the hosts of files: checked addresses, redirects, and what answers mean."""
