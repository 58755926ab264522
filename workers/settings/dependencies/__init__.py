"""`[dependencies.NAME]`: what providers need beside their own service."""
