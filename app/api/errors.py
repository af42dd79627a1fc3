"""Refusals as RFC 9457 problem details, for every route of the API."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from app.domain.errors import DomainError
from app.statuses import status_of

PROBLEM = "application/problem+json"
TYPE = "https://dichvucong.tuyenquang.gov.vn/problems/{code}"
UNKNOWN = "Hệ thống gặp lỗi. Lỗi đã được ghi lại; hãy thử lại sau."

log = logging.getLogger(__name__)

Answer = Callable[[Any], Any]


def describe(api: Api) -> None:
    """Name the shape of every refusal in the OpenAPI document."""
    api.spec.components.schema(
        "Problem",
        {
            "type": "object",
            "required": ["type", "title", "status", "code", "detail"],
            "properties": {
                "type": {"type": "string", "format": "uri"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "code": {"type": "string", "description": "Tên ổn định của lỗi."},
                "detail": {"type": "string", "description": "Câu tiếng Việt cho người dùng."},
                "instance": {"type": "string"},
                "fields": {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    )
    api.spec.components.response(
        "Problem",
        {
            "description": "Từ chối, với lý do (RFC 9457).",
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    )


def problem(
    status: int, code: str, detail: str, fields: dict[str, list[str]] | None = None
) -> Response:
    body: dict[str, Any] = {
        "type": TYPE.format(code=code),
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
    }
    if fields:
        body["fields"] = fields
    answer = jsonify(body)
    answer.status_code = status
    answer.mimetype = PROBLEM
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def handlers_of(app: Flask) -> dict[type[Exception], Answer]:
    """Return the handlers that the application has so far: those of the pages."""
    return dict(app.error_handler_spec[None][None])


def handle(app: Flask, names: frozenset[str], pages: Mapping[type[Exception], Answer]) -> None:
    """Answer with problem details wherever the API was asked; leave the pages to the pages."""
    for kind, ours in ANSWERS.items():
        app.register_error_handler(kind, _either(ours, pages.get(kind), names))


def _either(ours: Answer, theirs: Answer | None, names: frozenset[str]) -> Answer:
    """Choose by who was asked: an error handler of Flask is for the whole application."""

    def answer(error: Any) -> Any:
        if request.blueprint in names or request.path.startswith("/api/"):
            return ours(error)
        if theirs is None:
            raise error
        return theirs(error)

    return answer


def _refused(error: DomainError) -> Response:
    return problem(status_of(error), error.code, error.message, error.fields)


def _http(error: HTTPException) -> Response:
    return problem(error.code or 500, *_http_words(error))


def _unknown(error: Exception) -> Response:
    log.error("request failed", extra={"path": request.path}, exc_info=error)
    return problem(500, "internal_error", UNKNOWN)


ANSWERS: dict[type[Exception], Answer] = {
    DomainError: _refused,
    HTTPException: _http,
    Exception: _unknown,
}


HTTP_WORDS = {
    400: ("malformed_request", "Nội dung gửi lên không đọc được."),
    404: ("not_found", "Không có địa chỉ này."),
    405: ("method_not_allowed", "Địa chỉ này không nhận phương thức đó."),
    413: ("too_large", "Nội dung gửi lên quá lớn."),
    415: ("unsupported_media_type", "Hãy gửi JSON (Content-Type: application/json)."),
    422: ("invalid_input", "Nội dung chưa hợp lệ."),
}


def _http_words(error: HTTPException) -> tuple[str, str, dict[str, list[str]] | None]:
    """(code, sentence, fields); marshmallow's messages come with the error as smorest raises it."""
    code, sentence = HTTP_WORDS.get(error.code or 500, ("http_error", error.description or UNKNOWN))
    found = getattr(error, "data", {}).get("messages", {})
    fields = {
        str(name): [str(text) for text in texts] if isinstance(texts, list) else [str(texts)]
        for place in found.values()
        if isinstance(place, dict)
        for name, texts in place.items()
    }
    return code, sentence, fields or None
