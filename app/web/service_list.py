"""The catalogue of online services: by agency and sector, with the level and the version in force (Đ8.1b)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.procedures import LEVEL_LABELS, OnlineService
from app.usecases.ports import Page, Work
from app.web import formats
from app.web.folding import found
from app.web.views import PAGE_SIZE, PageView, page_view

PATH = "/services"


@dataclass(frozen=True)
class Row:
    href: str
    code: str
    name: str
    agency: str
    sector: str
    level: str
    version: str
    since: str


@dataclass(frozen=True)
class ServiceList:
    rows: list[Row]
    page: PageView
    agencies: list[tuple[str, str]]
    sectors: list[str]
    agency: str
    sector: str
    search: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.agency or self.sector or self.search)


def build(work: Work, agency: str, sector: str, search: str, number: int) -> ServiceList:
    """Build one page. A sector is a choice among those of one agency."""
    agencies = sorted(((a.id, a.name) for a in work.agencies.all()), key=lambda pair: pair[1])
    known = agency if agency in dict(agencies) else ""
    sectors = _sectors(work, known)
    chosen = sector if sector in sectors else ""
    if known:
        matching = _of_agency(work, known, chosen, search, number)
    else:
        matching = work.services.page(search, number, PAGE_SIZE)
    parameters: dict[str, str | int | None] = {"agency": known, "sector": chosen, "q": search}
    return ServiceList(
        rows=_rows(work, matching.items),
        page=page_view(matching, PATH, parameters),
        agencies=agencies,
        sectors=sectors,
        agency=known,
        sector=chosen,
        search=search,
    )


def _sectors(work: Work, agency: str) -> list[str]:
    if not agency:
        return []
    offered = {one.procedure_id for one in work.services.live_at(agency)}
    return sorted({p.sector for p in work.procedures.at_agency(agency) if p.id in offered})


def _of_agency(
    work: Work, agency: str, sector: str, search: str, number: int
) -> Page[OnlineService]:
    """The services of one agency: a few hundred at the most, so they are narrowed here."""
    sector_of = {p.id: p.sector for p in work.procedures.at_agency(agency)}
    matching = [
        one
        for one in work.services.live_at(agency)
        if found(search, f"{one.code} {one.name}")
        and (not sector or sector_of.get(one.procedure_id) == sector)
    ]
    first = (number - 1) * PAGE_SIZE
    return Page(matching[first : first + PAGE_SIZE], len(matching), number, PAGE_SIZE)


def _rows(work: Work, services: Sequence[OnlineService]) -> list[Row]:
    return [_row(work, one) for one in services]


def _row(work: Work, one: OnlineService) -> Row:
    version = work.services.version(one.id, one.live_version)
    return Row(
        href=f"{PATH}/{one.id}",
        code=one.code,
        name=one.name,
        agency=work.agencies.get(one.agency_id).short_name,
        sector=work.procedures.get(one.procedure_id).sector,
        level=LEVEL_LABELS[one.level],
        version=f"Phiên bản {version.version}" if version else "chưa vận hành",
        since=formats.day(version.live_from) if version else "",
    )
