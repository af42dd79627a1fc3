"""What a worker process runs: the loop over the queue, and the node's clock."""

from app.worker.clock import Clock
from app.worker.loop import Handler, Worker

__all__ = ["Clock", "Handler", "Worker"]
