"""All faults, in the order of the report."""

from __future__ import annotations

from tests.faults import (
    connection_faults,
    crash_faults,
    file_faults,
    process_faults,
    simulation,
    smtp_faults,
    storage_faults,
    tls_faults,
)
from tests.faults.report import Fault

ROOMS = (
    smtp_faults,
    tls_faults,
    connection_faults,
    storage_faults,
    file_faults,
    process_faults,
    crash_faults,
    simulation,
)


def every_fault() -> list[Fault]:
    return [fault for room in ROOMS for fault in room.faults()]
