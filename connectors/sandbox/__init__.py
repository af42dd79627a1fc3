"""Servers of the other side, for demonstration and tests: real HTTP, a ledger, faults on demand."""

from typing import Final

# Known to everybody, so it protects nothing: it only lets the demo and its sandbox meet.
DEMO_KEYS: Final = "demo:khoa-dung-chung-cho-ban-thu-nghiem"
