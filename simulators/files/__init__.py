"""A host of files over HTTP."""
