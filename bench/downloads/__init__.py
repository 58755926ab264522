"""Files from nginx on loopback: a worker against curl."""
