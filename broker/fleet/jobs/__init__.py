"""Lists of jobs as Valkey has them: those that wait, in their order, those that are scheduled, that run, and that ended lately."""
