"""What each page weighs on the wire at the first visit, against its budget: `python -m bench.weights`.

Files of `app/static/dist` are counted as they are served (.br); the page itself as a proxy in front
of the service would compress it (gzip). A second visit costs the page alone: files are immutable.
"""

import gzip
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient

from app import assets, demo
from app.application import make_app
from app.store.migrate import migrate
from tests.service import House, make_house, sign_in

LINKED = re.compile(r'(?:href|src)="/static/([^"]+)"')
FACES = re.compile(r"url\(\"?\./([^)\"?]+\.woff2)")
KIB = 1024
ANALYST, DESK, SPECIALIST, LEADER, ADMIN = (
    "lan.analyst",
    "chi.reception",
    "giang.specialist",
    "binh.leader",
    "viet.admin",
)


@dataclass(frozen=True)
class PageOf:
    """A page to weigh: who opens it, where it is, and what it may weigh in KiB."""

    name: str
    username: str
    path: str
    budget: int


SIGN_IN = 60  # what anybody may open, on any line
OFFICER = 100
STUDIO = 620  # the modeler, for analysts only
PAGES = (
    PageOf("sign-in", "", "/sign-in", SIGN_IN),
    PageOf("task list", SPECIALIST, "/tasks", OFFICER),
    PageOf("task", SPECIALIST, "/tasks/{task}", OFFICER),
    PageOf("case list", DESK, "/cases", OFFICER),
    PageOf("case", DESK, "/cases/{code}", OFFICER),
    PageOf("case entry", DESK, "/cases/new/{service}", OFFICER),
    PageOf("registration", ANALYST, "/registrations/{registration}", OFFICER),
    PageOf("registration, files", ANALYST, "/registrations/{registration}/files", OFFICER),
    PageOf("service, diagram", LEADER, "/services/{service}/versions/1/diagram", OFFICER),
    PageOf("instance (cockpit)", ADMIN, "/admin/instances/{instance}", OFFICER),
    PageOf("deadlines", ADMIN, "/oversight", OFFICER),
    PageOf("studio", ANALYST, "/studio/drafts/{draft}", STUDIO),
)


@dataclass(frozen=True)
class Weight:
    """Bytes of one page, by what they are."""

    page: PageOf
    html: int
    css: int
    js: int
    fonts: int

    @property
    def total(self) -> int:
        return self.html + self.css + self.js + self.fonts

    @property
    def fits(self) -> bool:
        return self.total <= self.page.budget * KIB


def on_the_wire(name: str, dist: Path = assets.DIST) -> int:
    """Bytes of a built file as it is sent."""
    packed = dist / f"{name}.br"
    return (packed if packed.is_file() else dist / name).stat().st_size


def weigh(client: FlaskClient, page: PageOf, places: Mapping[str, str]) -> Weight:
    """Fetch a page and add up what a browser then fetches for it."""
    if page.username:
        sign_in(client, page.username)
    answer = client.get(page.path.format(**places))
    if answer.status_code != 200:
        raise RuntimeError(f"{page.path}: {answer.status_code}")
    files = set(LINKED.findall(answer.text))
    for sheet in [name for name in files if name.endswith(".css")]:
        text = (assets.DIST / sheet).read_text(encoding="utf-8")
        files |= set(FACES.findall(text))
    return Weight(
        page,
        html=len(gzip.compress(answer.data, 6)),
        css=_sum(files, ".css"),
        js=_sum(files, ".js"),
        fonts=_sum(files, ".woff2"),
    )


def _sum(files: set[str], ending: str) -> int:
    return sum(on_the_wire(name) for name in files if name.endswith(ending))


@contextmanager
def province() -> Iterator[House]:
    """The demo province, in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'province.db'}"
        migrate(url)
        house = make_house(url, folder)
        try:
            demo.deploy_house_flows(house.assembly.service)
            demo.load(house.assembly)
            house.work_off()
            yield house
        finally:
            house.assembly.store.close()


def places(house: House) -> dict[str, str]:
    """Addresses of things that the province holds, and a draft made for the studio."""
    client = _client(house)
    sign_in(client, SPECIALIST)
    task = _first(client, "/tasks", r'href="/tasks/([0-9a-f-]{36})"')
    code = _first(client, "/cases", r'href="/cases/(000[^"/]+)"')
    sign_in(client, ANALYST)
    service = _first(client, "/services", r'href="/services/([0-9a-f-]{36})"')
    sent = {"source": "service", "service_id": service}
    draft = client.post("/studio/drafts", data=sent).headers["Location"].rpartition("/")[2]
    with house.open_work(read_only=True) as work:
        instance = work.instances.by_business_key(code)[-1].id
    registration = _first(
        client, "/registrations?state=published", r'/registrations/([0-9a-f-]{36})"'
    )
    return {
        "task": task,
        "code": code,
        "service": service,
        "draft": draft,
        "instance": instance,
        "registration": registration,
    }


def _client(house: House) -> FlaskClient:
    app = make_app(house.assembly)
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def _first(client: FlaskClient, path: str, pattern: str) -> str:
    found = re.search(pattern, client.get(path).text)
    if found is None:
        raise RuntimeError(f"nothing at {path}")
    return found[1]


def measure(house: House) -> list[Weight]:
    """Weigh every page; each is opened by somebody who comes anew."""
    known = places(house)
    return [weigh(_client(house), page, known) for page in PAGES]


def measured() -> list[Weight]:
    """Weigh the pages of the demo province; the front end is built where it is not yet."""
    if assets.main() != 0:
        raise RuntimeError("the front end cannot be built")
    with province() as house:
        return measure(house)


def section() -> dict[str, dict[str, float]]:
    """KiB of each page at the first visit, beside its budget."""
    return {
        weight.page.name: {"kib": round(weight.total / KIB, 1), "budget": weight.page.budget}
        for weight in measured()
    }


def main() -> int:
    found = measured()
    print(
        f"{'KiB at the first visit':24}{'html':>8}{'css':>8}{'js':>8}{'fonts':>8}{'total':>8}  budget"
    )
    for weight in found:
        parts = (weight.html, weight.css, weight.js, weight.fonts, weight.total)
        columns = "".join(f"{part / KIB:8.1f}" for part in parts)
        mark = "" if weight.fits else "  OVER"
        print(f"{weight.page.name:24}{columns}{weight.page.budget:8}{mark}")
    return 0 if all(weight.fits for weight in found) else 1


if __name__ == "__main__":
    sys.exit(main())
