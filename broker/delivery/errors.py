"""What can go wrong with a delivery."""


class LeaseLost(Exception):
    """Raised when a job's lease has gone to another worker: stop, without the effect.

    Attributes:
        job_id: the job.
        token: the delivery that lost it.
    """

    def __init__(self, job_id: str, token: str) -> None:
        super().__init__(f"the lease of job {job_id} has gone to another worker; delivery {token} must stop")
        self.job_id = job_id
        self.token = token
