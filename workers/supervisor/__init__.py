"""Keeps the processes of one machine running: in order, restarted with a growing delay, stopped in reverse."""

from workers.supervisor.backoff import Backoff
from workers.supervisor.child import CannotStart
from workers.supervisor.procfile import InvalidProcfile, read_procfile
from workers.supervisor.spec import ProcessSpec
from workers.supervisor.supervisor import Supervisor

__all__ = ["Backoff", "CannotStart", "InvalidProcfile", "ProcessSpec", "Supervisor", "read_procfile"]
