"""Wake the engine when a timer is due."""

from app.domain.instances import InstanceState
from app.domain.waiting import Timer, TimerState
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.ports import OpenWork, Work
from app.usecases.recording import advance

BATCH = 500


def enqueue_due(open_work: OpenWork) -> int:
    """Hand every due timer to the workers; one that is handed over already stays so."""
    with open_work() as work:
        due = work.timers.due(work.now(), BATCH)
        for timer in due:
            hand_over(work, timer)
    return len(due)


def hand_over(work: Work, timer: Timer) -> None:
    """Let a worker fire a timer that is due; one that is handed over already stays so."""
    work.queue.enqueue(
        "timer", {"timer_id": timer.id}, lock=timer.instance_id, dedup=f"timer:{timer.id}"
    )


def fire(open_work: OpenWork, timer_id: str) -> None:
    """Fire one timer; harmless where its token is gone, or it fired already."""
    with open_work() as work:
        instance = work.instances.lock(work.timers.get(timer_id).instance_id)
        timer = work.timers.get(timer_id)
        if timer.state is not TimerState.PENDING or timer.due_at > work.now():
            return
        if instance.state is not InstanceState.ACTIVE:
            return
        timer.fire()
        step = work.programs.get(instance.definition_id).fire_timer(
            instance.snapshot, timer.token, at=work.now(), programs=work.programs
        )
        advance(work, instance, step, Cause(THE_SYSTEM, "timer", timer.element))
