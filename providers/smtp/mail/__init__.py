"""One message: addresses, templates, and the bytes that are sent."""
