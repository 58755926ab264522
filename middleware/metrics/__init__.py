"""Prometheus metrics of a worker process. Right over any number of processes through prometheus_client's multiprocess mode."""
