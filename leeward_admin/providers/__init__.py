"""Providers and their guards: looking at them, steering them, saying what is wrong with one."""
