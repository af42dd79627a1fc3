"""Stop asking a system that does not answer; let one question through now and then."""

import math
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from app.domain.connectors import BusinessError, PermanentFailure, Postponed

Answer = TypeVar("Answer")


class Breaker:
    """One for each connector and process.

    After `limit` failures in a row it is open for `pause` seconds; then one call may probe while
    the others still wait. A refusal (PermanentFailure, BusinessError) is an answer: it closes.
    """

    def __init__(
        self,
        label: str,
        *,
        limit: int = 5,
        pause: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._label = label
        self._limit = limit
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = -math.inf  # instant of `clock`

    @property
    def is_open(self) -> bool:
        with self._lock:
            return self._clock() < self._open_until

    def call(self, ask: Callable[[], Answer]) -> Answer:
        """Ask, or raise Postponed without asking. Whatever `ask` raises passes through."""
        self._enter()
        try:
            answer = ask()
        except (PermanentFailure, BusinessError):
            self._close()
            raise
        except BaseException:  # whatever it was, no answer came; it passes through
            self._count_failure()
            raise
        self._close()
        return answer

    def _enter(self) -> None:
        with self._lock:
            now = self._clock()
            if now < self._open_until:
                wait = self._open_until - now
                raise Postponed(
                    f"{self._label} đang gián đoạn. Hệ thống sẽ tự gọi lại sau khoảng "
                    f"{math.ceil(wait)} giây.",
                    retry_after=wait,
                )
            if self._failures >= self._limit:  # this call is the probe: hold the others back
                self._open_until = now + self._pause

    def _close(self) -> None:
        with self._lock:
            self._failures = 0
            self._open_until = -math.inf

    def _count_failure(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._open_until = self._clock() + self._pause
