"""The processes of a fleet: `leeward up`, the host, its workers, the scheduler, the migration."""
