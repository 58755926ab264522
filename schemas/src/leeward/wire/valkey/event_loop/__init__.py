"""Valkey from an event loop: one connection, on which the commands of all tasks follow each other. No thread is behind it.

Why not `redis.asyncio`: a connection of its pool belongs to one command until that is answered. 50 tasks that ask at once open 50
connections or wait for each other, and the server must serve those of every process of every service. A command also costs more there.
Measured on a busy machine with 2 cores (Python 3.11, redis 8.1; 400 bytes to a Valkey beside it and back; microseconds of this process's
CPU time a command):

                                 one after the other   50 tasks at once
    this package                          38-78              12-14
    redis.asyncio                        125-170             87-98, 50 connections
    redis.asyncio, one connection           -               165-211

Without hiredis: 66-108 and 18-29 here, 169-222 and 96-207 there. Its errors, its settings of TLS, its text of commands and what an address
means are redis-py's here, too.
"""
