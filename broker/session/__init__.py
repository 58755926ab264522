"""A worker process's session with Valkey: fetching jobs, keeping their leases, settling them."""
