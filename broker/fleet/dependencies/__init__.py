"""What Valkey knows of dependencies: those that were added at run time, and what health checks found."""
