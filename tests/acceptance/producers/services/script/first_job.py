import os

from leeward import Leeward, SendEmail

with Leeward(os.environ["LEEWARD_URL"]) as fleet:
    mail = SendEmail(to=("alice@example.org",), subject="Welcome", text="Hello Alice, good to have you.")
    job = fleet.enqueue(mail, idempotency_key="welcome-alice")
    print(fleet.status(job.job_id).state)
    print(fleet.result(job.job_id))
