"""What a shell completes: names of queues, providers and kinds, kept in a file so that no key press waits for a server."""
