"""When something cannot be done: a page in Vietnamese that says what to do next, never a stack trace.

What was typed is given back to copy, so that no refusal costs anybody their text.
"""

from urllib.parse import urlencode, urlsplit

from flask import Flask, g, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.domain.errors import DomainError, Unauthenticated
from app.statuses import status_of

TITLES = {
    400: "Yêu cầu không đọc được",
    401: "Phiên làm việc đã hết",
    403: "Bạn không có quyền mở trang này",
    404: "Không tìm thấy nội dung này",
    405: "Trang này không mở theo cách đó",
    409: "Việc này đã thay đổi",
    413: "Nội dung gửi lên quá lớn",
    422: "Nội dung chưa hợp lệ",
    429: "Bạn thao tác quá nhanh",
    500: "Hệ thống gặp lỗi",
    503: "Hệ thống tạm thời chưa phục vụ được",
    507: "Hệ thống hết chỗ lưu trữ",
}

TEXTS = {
    400: "Hãy quay lại trang trước, tải lại trang rồi thử lại.",
    403: "Nếu công việc của bạn cần trang này, hãy liên hệ quản trị hệ thống.",
    404: "Địa chỉ có thể đã đổi, hoặc bạn không được xem. Hãy tìm từ danh sách công việc.",
    405: "Hãy quay lại trang trước và dùng các nút trên trang.",
    413: "Mỗi lần gửi tối đa 25 MB, mỗi tệp tối đa 10 MB. Hãy giảm dung lượng tệp rồi gửi lại.",
    429: "Hãy chờ một phút rồi thử lại.",
    500: "Lỗi đã được ghi lại. Những gì đã lưu vẫn còn nguyên; hãy thử lại sau ít phút.",
    503: "Những gì đã lưu vẫn còn nguyên. Hãy thử lại sau ít phút.",
}

CSRF_TITLE = "Trang này đã mở quá lâu"
CSRF_TEXT = (
    "Để an toàn, hệ thống chưa nhận nội dung vừa gửi. "
    "Hãy quay lại trang trước, tải lại rồi gửi lần nữa."
)
RETRY_SECONDS = "30"
KEPT_CHARACTERS = 20_000
SECRETS = frozenset({"password", "csrf_token"})


def handle_failures(app: Flask) -> None:
    """Turn every failure of a page into a page (or a fragment, for what htmx asked)."""
    app.register_error_handler(DomainError, domain_failure)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, http_failure)


def domain_failure(error: DomainError) -> Response:
    status = status_of(error)
    if isinstance(error, Unauthenticated) and request.method == "GET" and not _is_fragment():
        here = request.full_path.rstrip("?")
        return redirect(f"/sign-in?{urlencode({'next': here})}", 303)
    return failure(status, error.message)


def stale_form(_error: CSRFError) -> Response:
    return failure(400, CSRF_TEXT, title=CSRF_TITLE)


def http_failure(error: HTTPException) -> Response:
    status = error.code or 500
    return failure(status, TEXTS.get(status, TEXTS[500] if status >= 500 else TEXTS[400]))


def failure(status: int, text: str, *, title: str = "") -> Response:
    """The page of a failure: what happened, what to do, the way back, and what was typed."""
    name = title or TITLES.get(status, TITLES[500] if status >= 500 else TITLES[400])
    if _is_fragment():
        response = make_response(render_template("failures/fragment.html", title=name, text=text))
        response.headers["HX-Retarget"] = ".flashes"
        response.headers["HX-Reswap"] = "innerHTML"
    else:
        if status >= 500:
            g.surroundings = {}  # the frame asks the very store that may be in trouble
        response = make_response(
            render_template(
                "failures/page.html",
                status=status,
                title=name,
                text=text,
                kept=typed_text(),
                back_url=back_url(),
                sign_in=status == 401,
            )
        )
    response.status_code = status
    if status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    response.headers["Cache-Control"] = "no-store"
    return response


def back_url() -> str | None:
    """The page the request came from, if it is one of ours."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host or not referrer.path.startswith("/"):
        return None
    return f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path


def typed_text() -> str:
    """What was typed into the form that failed, to be copied; no secrets, no controls of the page.

    Empty where nothing was typed or the body cannot be read (it may be what was too large).
    """
    if request.method != "POST":
        return ""
    try:
        pairs = list(request.form.items(multi=True))
    except HTTPException:
        return ""
    if any(name == "password" for name, _ in pairs):
        return ""
    lines = [
        f"{name}: {value}"
        for name, value in pairs
        if value.strip() and name not in SECRETS and not name.startswith("_")
    ]
    return "\n".join(lines)[:KEPT_CHARACTERS]


def _is_fragment() -> bool:
    return bool(request.headers.get("HX-Request"))
