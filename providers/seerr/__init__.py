"""Media requests at Seerr, or at Overseerr before it, over the HTTP API that both have."""
