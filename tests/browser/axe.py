"""What axe-core says of a page, and the few things it does not look at."""

from typing import Any

from playwright.sync_api import Page

from app.assets import SOURCE

SCRIPT = SOURCE / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = """async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ["violations"]}))
  .violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`)"""
PRESENT = "typeof axe !== 'undefined'"


def violations(page: Page) -> list[str]:
    """Rules of WCAG 2.1 A and AA that the page breaks, each with the elements that break it."""
    if not page.evaluate(PRESENT):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN, RULES)
    return found


def too_wide(page: Page) -> int:
    """How many pixels one must scroll sideways to see all of the page."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, wide)


def focused(page: Page) -> dict[str, Any]:
    """What has the focus: its id, its text, and whether one can see it."""
    found: dict[str, Any] = page.evaluate("""() => {
      const one = document.activeElement, box = one.getBoundingClientRect();
      return {id: one.id, text: one.textContent.trim(), tag: one.tagName.toLowerCase(),
              seen: box.width > 0 && box.right > 0 && box.bottom > 0};
    }""")
    return found
