"""A club: each new member is welcomed by mail."""

import json

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from fleet import fleet

from leeward import SendEmail


@csrf_exempt
@require_http_methods(["POST"])
def members(request: HttpRequest) -> JsonResponse:
    form = json.loads(request.body)
    mail = SendEmail(to=(form["email"],), subject="Welcome", text=f"Hello {form['name']}, good to have you.")
    job = fleet().enqueue(mail, idempotency_key=f"welcome:{form['email']}")
    return JsonResponse({"job": job.job_id}, status=202)


@csrf_exempt
@require_http_methods(["GET", "DELETE"])
def job(request: HttpRequest, job_id: str) -> JsonResponse:
    if request.method == "DELETE":
        return JsonResponse({"outcome": fleet().cancel(job_id)})
    status = fleet().status(job_id)
    return JsonResponse({"state": status.state, "reason": status.reason, "result": status.result})
