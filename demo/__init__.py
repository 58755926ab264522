"""The demonstration: a fleet from nothing, failures on purpose, and a ledger of what happened that is counted from outside.

`main.py` is the evening's programme; `stage.py` what it needs; `scenes/` one file per scene; `ledger.py` the arithmetic.
"""
