"""What happens when it is not known whether an effect happened.

Keys themselves are taken in `leeward/enqueue.lua` and answered in `broker/settle.lua`.
"""
