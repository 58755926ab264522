"""Kinds of the `sync` family: what should be so at a media server or a request service."""
