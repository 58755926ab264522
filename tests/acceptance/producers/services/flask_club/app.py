"""A club: each new member is welcomed by mail."""

import os
from typing import Any

from flask import Blueprint, Flask, current_app, request

from leeward import Leeward, SendEmail
from leeward.errors import Conflict, Invalid, LeewardError, NotFound, Refused, Unavailable

club = Blueprint("club", __name__)


def create_app(fleet: Leeward | None = None) -> Flask:
    app = Flask(__name__)
    app.extensions["leeward"] = fleet or Leeward(os.environ["LEEWARD_URL"])
    app.register_blueprint(club)
    return app


def fleet() -> Leeward:
    client: Leeward = current_app.extensions["leeward"]
    return client


@club.post("/members")
def sign_up() -> tuple[dict[str, Any], int]:
    form = request.get_json()
    mail = SendEmail(to=(form["email"],), subject="Welcome", text=f"Hello {form['name']}, good to have you.")
    job = fleet().enqueue(mail, idempotency_key=f"welcome:{form['email']}")
    return {"job": job.job_id}, 202


@club.get("/jobs/<job_id>")
def follow(job_id: str) -> dict[str, Any]:
    status = fleet().status(job_id)
    return {"state": status.state, "reason": status.reason, "result": status.result}


@club.delete("/jobs/<job_id>")
def cancel(job_id: str) -> dict[str, Any]:
    return {"outcome": fleet().cancel(job_id)}


@club.errorhandler(LeewardError)
def explain(error: LeewardError) -> tuple[dict[str, Any], int]:
    return {"error": error.code, "detail": str(error)}, http_status(error)


def http_status(error: LeewardError) -> int:
    match error:
        case Invalid():
            return 422
        case NotFound():
            return 404
        case Conflict():
            return 409
        case Unavailable() | Refused():
            return 503
    return 500
