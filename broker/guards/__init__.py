"""The guards' state: Lua that `admit.lua` and `settle.lua` include, and the store that reads and steers it.

`circuit_rule.lua` decides and touches nothing; `circuit.lua` and `gate.lua` keep the state; `store.py` is for people.
"""
