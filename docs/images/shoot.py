"""Take the README's screenshots of a running demo: `python docs/images/shoot.py http://127.0.0.1:8000`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from app.demo import PASSWORD

SHOTS = {"task-list.png": ("chi.reception", "/tasks?queue=unassigned")}
FOLDER = Path(__file__).parent


def shoot(browser: Browser, base: str, name: str, username: str, path: str) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{base}/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.goto(base + path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / name)
    page.close()


def main(base: str) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (username, path) in SHOTS.items():
            shoot(browser, base, name, username, path)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
