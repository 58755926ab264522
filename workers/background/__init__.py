"""What runs beside the jobs: threads of hosts and schedulers."""
