"""HTTP with every bound in one place: what the providers' clients send their requests through.

No proxy, netrc or certificate comes from the environment, and nothing that a host sends, or holds back, is without a limit.
"""
