"""Numbers of the whole fleet, as Prometheus families: every host serves the same on `/metrics/fleet`."""
