"""What a failure means for a job: `classify.py` names it, `backoff.py` says when, `middleware.py` decides."""
