"""What happens when it is not known whether an effect happened.

Keys themselves are taken in `leeward/wire/scripts/enqueue.lua` and answered in `broker/scripts/settle.lua`.
"""
