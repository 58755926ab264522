"""A club: each new member is welcomed by mail."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from leeward import AsyncLeeward, SendEmail
from leeward.errors import Conflict, Invalid, LeewardError, NotFound, Refused, Unavailable


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncLeeward(os.environ["LEEWARD_URL"]) as fleet:
        app.state.fleet = fleet
        yield


app = FastAPI(lifespan=lifespan)


def get_fleet(request: Request) -> AsyncLeeward:
    fleet: AsyncLeeward = request.app.state.fleet
    return fleet


Fleet = Annotated[AsyncLeeward, Depends(get_fleet)]


class Member(BaseModel):
    email: str
    name: str


@app.post("/members", status_code=202)
async def sign_up(member: Member, fleet: Fleet) -> dict[str, Any]:
    mail = SendEmail(to=(member.email,), subject="Welcome", text=f"Hello {member.name}, good to have you.")
    job = await fleet.enqueue(mail, idempotency_key=f"welcome:{member.email}")
    return {"job": job.job_id}


@app.get("/jobs/{job_id}")
async def follow(job_id: str, fleet: Fleet) -> dict[str, Any]:
    status = await fleet.status(job_id)
    return {"state": status.state, "reason": status.reason, "result": status.result}


@app.delete("/jobs/{job_id}")
async def cancel(job_id: str, fleet: Fleet) -> dict[str, Any]:
    return {"outcome": await fleet.cancel(job_id)}


@app.exception_handler(LeewardError)
async def explain(request: Request, error: LeewardError) -> JSONResponse:
    return JSONResponse({"error": error.code, "detail": str(error)}, status_code=http_status(error))


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
