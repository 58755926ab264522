"""The stream of events that handlers receive: one stream a provider, one cursor a handler."""
