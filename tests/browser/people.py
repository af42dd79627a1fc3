"""Who sits before the browsers: one context for each person, and a journal of what went wrong in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
)

from app import demo

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 700}
MISSING_STATUS = "Failed to load resource: the server responded with a status of "
LEFT_THE_PAGE = "net::ERR_ABORTED"  # a request that a navigation or a download ended


@dataclass
class Journal:
    """Everything that a browser complains about; `allowed` are the refusals that a test provokes."""

    complaints: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)

    def allow(self, *statuses: int) -> None:
        self.allowed |= set(statuses)

    def watch(self, context: BrowserContext, *, scripts: bool) -> None:
        """Without scripts the browser does not fetch them, which it calls a failure."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        if scripts:
            context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        """Warnings and errors, violations of the CSP among them; statuses are judged in `_answered`."""
        if message.type in {"error", "warning"} and not message.text.startswith(MISSING_STATUS):
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT_THE_PAGE:
            self.complaints.append(f"failed: {request.method} {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.allowed:
            self.complaints.append(
                f"{response.status}: {response.request.method} {response.request.url}"
            )


class People:
    """The officers of the province, each at a browser of their own, signed in when first needed."""

    def __init__(self, chromium: Browser, url: str, journal: Journal) -> None:
        self.chromium = chromium
        self.url = url
        self.journal = journal
        self._contexts: dict[str, BrowserContext] = {}

    def stranger(self, *, scripts: bool = True) -> BrowserContext:
        """A browser that nobody has signed in with."""
        context = self.chromium.new_context(
            base_url=self.url,
            viewport=WIDE,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        self.journal.watch(context, scripts=scripts)
        return context

    def context(self, username: str) -> BrowserContext:
        if username not in self._contexts:
            self._contexts[username] = self.stranger()
            page = self._contexts[username].new_page()
            sign_in(page, username)
            page.close()
        return self._contexts[username]

    @contextmanager
    def at(self, username: str, path: str = "/") -> Iterator[Page]:
        """A page of this person; closed at the end, whatever the page may ask before it goes."""
        page = self.context(username).new_page()
        try:
            page.goto(path)
            yield page
        finally:
            page.close(run_before_unload=False)

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()


def sign_in(page: Page, username: str, path: str = "/sign-in") -> None:
    page.goto(path)
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu", exact=True).fill(demo.PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()


def told(page: Page, text: str) -> None:
    """What the service says on top of the page after something was done."""
    expect(page.locator(".flashes")).to_contain_text(text)
