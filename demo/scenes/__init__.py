"""The scenes, in the order of `demo/main.py`."""
