"""The scenes, in the order of `console/demo/main.py`."""
