"""Why is it due then? The answer in Vietnamese, as steps and as one paragraph."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.domain.errors import InvalidInput

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
MOST_REASONS = 3
MOST_RUNS = 5
MOST_WEEKENDS = 2


class StepKind(StrEnum):
    START = "start"
    COUNTING = "counting"
    CREDIT = "credit"
    SKIPPED = "skipped"
    MADE_UP = "made_up"
    CUT_OFF = "cut_off"
    ROLLED = "rolled"
    DUE = "due"
    CHANGED = "changed"


SAME_SENTENCE = frozenset({StepKind.CREDIT, StepKind.SKIPPED, StepKind.MADE_UP})


@dataclass(frozen=True)
class ExplanationStep:
    kind: StepKind
    text: str


@dataclass(frozen=True)
class Explanation:
    """The steps from the event to the due instant, in order."""

    steps: tuple[ExplanationStep, ...] = ()

    @property
    def text(self) -> str:
        parts: list[str] = []
        for step in self.steps:
            if parts:
                parts.append("; " if step.kind in SAME_SENTENCE else ". ")
            parts.append(step.text)
        return "".join(parts) + "." if parts else ""

    def and_then(self, kind: StepKind, text: str) -> "Explanation":
        return Explanation((*self.steps, ExplanationStep(kind, text)))

    def to_json(self) -> list[dict[str, str]]:
        return [{"kind": step.kind.value, "text": step.text} for step in self.steps]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, object]]) -> "Explanation":
        try:
            return cls(
                tuple(ExplanationStep(StepKind(str(row["kind"])), str(row["text"])) for row in data)
            )
        except (KeyError, ValueError, TypeError) as error:
            raise InvalidInput("Lời giải thích thời hạn không đọc được") from error


@dataclass(frozen=True)
class DayOff:
    """A closed date; `reason` is empty where the office is closed every week."""

    day: date
    reason: str = ""


def day_text(day: date, *, year: bool = True) -> str:
    """Write a date as official papers do: a zero before days below 10 and before months 1 and 2."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}" + (f"/{day.year}" if year else "")


def moment_text(at: datetime) -> str:
    """Write a wall-clock instant: "17:10 thứ Sáu 28/4/2023"."""
    return f"{at:%H:%M} {WEEKDAYS[at.weekday()]} {day_text(at)}"


def days_off_text(days: Iterable[DayOff], this_year: int) -> str:
    """Name the closed days, runs joined; many weekly closures or feasts are only counted."""
    runs = _runs(days)
    weekly = [run for run in runs if not any(off.reason for off in run)]
    feasts = [run for run in runs if any(off.reason for off in run)]
    listed = feasts[:MOST_RUNS]
    if len(weekly) <= MOST_WEEKENDS:
        listed = sorted([*weekly, *listed], key=lambda run: run[0].day)
    parts = [_run_text(run, this_year) for run in listed]
    if len(weekly) > MOST_WEEKENDS:
        parts.append(f"{sum(map(len, weekly))} ngày nghỉ hằng tuần")
    if feasts[MOST_RUNS:]:
        parts.append(f"{sum(map(len, feasts[MOST_RUNS:]))} ngày nghỉ lễ khác")
    return ", ".join(parts)


def _runs(days: Iterable[DayOff]) -> list[list[DayOff]]:
    runs: list[list[DayOff]] = []
    for off in days:
        if runs and off.day - runs[-1][-1].day == timedelta(days=1):
            runs[-1].append(off)
        else:
            runs.append([off])
    return runs


def _run_text(run: list[DayOff], this_year: int) -> str:
    first, last = run[0].day, run[-1].day
    dates = day_text(last, year=last.year != this_year)
    if first != last:
        dates = f"{day_text(first, year=first.year != last.year)}–{dates}"
    reasons = _shortest([off.reason for off in run if off.reason])
    if not reasons:
        reasons = [WEEKDAYS[off.day.weekday()] for off in run]
    shown = ", ".join(reasons[:MOST_REASONS]) + (", …" if reasons[MOST_REASONS:] else "")
    return f"{dates} ({shown})"


def _shortest(reasons: list[str]) -> list[str]:
    """Drop what another reason already says: "Tết Nguyên Đán" covers "Giao thừa Tết Nguyên Đán"."""
    distinct = list(dict.fromkeys(reasons))
    return [
        reason
        for reason in distinct
        if not any(other in reason for other in distinct if other != reason)
    ]
