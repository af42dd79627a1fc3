"""The one way out: signed JSON over HTTP, bounded in time and size, to listed hosts only."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from app.domain.connectors import BusinessError, PermanentFailure, TemporaryFailure
from app.domain.errors import InvalidInput
from app.outbound.hosts import AllowedHosts, GuardedAdapter, Resolver, resolve
from app.outbound.signatures import Key, sign

IDEMPOTENCY_HEADER = "Idempotency-Key"
ALREADY_EXISTS = "already_exists"

_KEY_CHARACTERS = " !#$&'()*+,/:;=?@[]{}|~"  # beside letters, digits and _.-
_LONGEST_WAIT = 3600.0  # seconds; no partner may put us off for longer
_CHUNK = 65536  # bytes
_LONGEST_DETAIL = 300  # characters of a partner's own words in our sentence

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Partner:
    """One outside system and how far we trust the line to it.

    `label` is what people call it. The first of `keys` signs. Times are in seconds:
    `read_seconds` bounds each silence, `total_seconds` the whole answer.
    """

    label: str
    base_url: str
    keys: tuple[Key, ...]
    allowed_hosts: tuple[str, ...]
    connect_seconds: float = 3.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
    max_bytes: int = 1_000_000
    ca_file: str | None = None


class Rejected(PermanentFailure):
    """The partner answered with a 4xx: the same request will never be accepted."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class HttpSession:
    """Puts questions to one partner; may be shared by threads."""

    def __init__(
        self,
        partner: Partner,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolver: Resolver = resolve,
    ) -> None:
        """Raises InvalidInput for a base address or keys that cannot work."""
        self._partner = partner
        self._base_url = _checked_base(partner)
        self._now = now
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc, no CA from the environment
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = GuardedAdapter(AllowedHosts(partner.allowed_hosts, resolver))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        self._session.close()

    def post(self, path: str, message: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        """Send one JSON object and return the JSON object that comes back.

        `key` goes along as `Idempotency-Key` and, signed, as `request_id` in the body; what a
        header cannot hold is percent-encoded. An answer that the partner has done this under the
        very same key already counts as success.
        Raises TemporaryFailure, PermanentFailure or BusinessError.
        """
        sent_key = quote(key, safe=_KEY_CHARACTERS)
        body = self._encode({**message, "request_id": sent_key})
        try:
            return self._send(path, body, sent_key)
        except requests.Timeout as error:
            raise TemporaryFailure(
                f"{self._partner.label} chưa trả lời kịp. Hệ thống sẽ tự gọi lại."
            ) from error
        except requests.exceptions.SSLError as error:
            raise self._line_failure(error) from error
        except requests.ConnectionError as error:
            raise TemporaryFailure(
                f"Chưa kết nối được tới {self._partner.label}. Hệ thống sẽ tự gọi lại."
            ) from error
        except requests.RequestException as error:
            raise PermanentFailure(
                f"Không gửi được yêu cầu tới {self._partner.label}. Hãy kiểm tra cấu hình kết nối."
            ) from error

    def _send(self, path: str, body: bytes, key: str) -> dict[str, Any]:
        started = time.monotonic()
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "lien-mach",
            IDEMPOTENCY_HEADER: key,
            **sign(body, self._partner.keys[0], self._now()),
        }
        with self._session.post(
            self._base_url + path,
            data=body,
            headers=headers,
            timeout=(self._partner.connect_seconds, self._partner.read_seconds),
            allow_redirects=False,
            stream=True,
            verify=self._partner.ca_file or True,
        ) as response:
            content = self._read(response, started + self._partner.total_seconds)
        log.info(
            "partner answered",
            extra={
                "partner": self._partner.label,
                "path": path,
                "key": key,
                "status": response.status_code,
                "seconds": round(time.monotonic() - started, 3),
            },
        )
        return self._understand(response, content, key)

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """Read as it comes, so that neither a flood nor a trickle can hold us."""
        content = bytearray()
        while chunk := self._next_chunk(response):
            content += chunk
            if len(content) > self._partner.max_bytes:
                raise PermanentFailure(
                    f"{self._partner.label} trả lời quá dài. Cần người quản trị kiểm tra."
                )
            if time.monotonic() > deadline:
                raise requests.Timeout("the answer trickled in too slowly")
        return bytes(content)

    def _next_chunk(self, response: requests.Response) -> bytes:
        try:
            return bytes(response.raw.read1(_CHUNK))
        except ReadTimeoutError as error:
            raise requests.Timeout(str(error)) from error
        except HTTPError as error:
            raise requests.ConnectionError(str(error)) from error

    def _understand(self, response: requests.Response, content: bytes, key: str) -> dict[str, Any]:
        status = response.status_code
        if 200 <= status < 300:
            return self._decode(response, content)
        label = self._partner.label
        retry_after = _retry_after(response.headers.get("Retry-After"), self._now())
        if status >= 500 or status in {408, 425, 429}:
            raise TemporaryFailure(
                f"{label} đang bận hoặc đang lỗi (mã {status}). Hệ thống sẽ tự gọi lại.",
                retry_after=retry_after,
            )
        if 300 <= status < 400:
            raise PermanentFailure(
                f"{label} chuyển hướng sang địa chỉ khác; vì an toàn, hệ thống không đi theo. "
                "Hãy kiểm tra cấu hình kết nối."
            )
        return self._refusal(status, _object_or_empty(content), key)

    def _refusal(self, status: int, answer: dict[str, Any], key: str) -> dict[str, Any]:
        error_code = answer.get("error_code")
        detail = _detail(answer.get("message"))
        if status == 409 and error_code == ALREADY_EXISTS and answer.get("request_id") == key:
            earlier = answer.get("answer")
            if isinstance(earlier, dict):
                return earlier
        if status == 422 and isinstance(error_code, str) and error_code:
            raise BusinessError(
                error_code, detail or f"{self._partner.label} từ chối ({error_code})."
            )
        because = f": {detail}" if detail else ""
        raise Rejected(
            f"{self._partner.label} không nhận yêu cầu (mã {status}){because}. "
            "Cần người quản trị kiểm tra.",
            status=status,
        )

    def _encode(self, message: Mapping[str, Any]) -> bytes:
        try:
            return orjson.dumps(message)
        except TypeError as error:
            raise PermanentFailure(
                f"Dữ liệu gửi tới {self._partner.label} không đổi được sang JSON. "
                "Hãy kiểm tra tham số của bước này trong sơ đồ."
            ) from error

    def _decode(self, response: requests.Response, content: bytes) -> dict[str, Any]:
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        answer = _object(content) if media_type == "application/json" else None
        if answer is None:
            raise nonsense(self._partner.label)
        return answer

    def _line_failure(
        self, error: requests.exceptions.SSLError
    ) -> PermanentFailure | TemporaryFailure:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return PermanentFailure(
                f"Chứng thư TLS của {self._partner.label} không hợp lệ nên không gửi gì. "
                "Hãy kiểm tra chứng thư và cấu hình kết nối."
            )
        return TemporaryFailure(
            f"Đường truyền mã hóa tới {self._partner.label} bị ngắt. Hệ thống sẽ tự gọi lại."
        )


def nonsense(label: str) -> PermanentFailure:
    """The failure for an answer that came but does not mean anything."""
    return PermanentFailure(
        f"{label} trả lời không đúng quy ước nên chưa rõ kết quả. "
        "Cần người quản trị kiểm tra; gọi lại bước này là an toàn."
    )


def _checked_base(partner: Partner) -> str:
    parts = urlsplit(partner.base_url)
    is_web = parts.scheme in {"http", "https"} and parts.hostname
    if not is_web or "@" in parts.netloc or parts.query or parts.fragment:
        raise InvalidInput(
            f"Địa chỉ của {partner.label} phải có dạng https://máy-chủ[:cổng][/đường-dẫn]."
        )
    if not partner.keys:
        raise InvalidInput(f"Chưa khai báo khóa ký cho {partner.label}.")
    return partner.base_url.rstrip("/")


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None


def _object_or_empty(content: bytes) -> dict[str, Any]:
    return _object(content) or {}


def _detail(text: object) -> str:
    """One line of the partner's words, cut to a bearable length."""
    if not isinstance(text, str):
        return ""
    return " ".join(text.split())[:_LONGEST_DETAIL]


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Read `Retry-After` in either of its forms, in seconds; nonsense is as good as silence."""
    if text is None:
        return None
    try:
        seconds = float(text) if text.isdigit() else _seconds_until(text, now)
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _seconds_until(http_date: str, now: datetime) -> float:
    at = parsedate_to_datetime(http_date)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
