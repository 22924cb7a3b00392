"""Counts the cases, and tells how many there were."""

from __future__ import annotations

import pytest

CASES: pytest.StashKey[list[int]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CASES] = []


@pytest.fixture
def fault_cases(pytestconfig: pytest.Config) -> list[int]:
    """The number of cases of each fault that was tried."""
    return pytestconfig.stash.setdefault(CASES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tried = config.stash.get(CASES, [])
    if tried:
        terminalreporter.write_line(f"faults: {len(tried)} tried, {sum(tried)} cases")
