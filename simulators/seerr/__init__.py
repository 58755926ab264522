"""A simulated Seerr or Overseerr server."""
