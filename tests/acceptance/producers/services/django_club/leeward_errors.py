from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from leeward.errors import Conflict, Invalid, LeewardError, NotFound, Refused, Unavailable


class LeewardErrors:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, LeewardError):
            return None
        return JsonResponse({"error": error.code, "detail": str(error)}, status=http_status(error))


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
