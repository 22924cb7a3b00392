"""Mails with one thing wrong: the check that is meant for it says so, at the line that causes it."""

from pathlib import Path

import pytest

from newsletter.model import Level
from tests.checks.golden_mail import GOLDEN, cases, findings, laid_out


@pytest.mark.parametrize("name", cases("broken"))
def test_a_broken_mail_is_caught_by_the_check_that_is_meant_for_it(name: str, tmp_path: Path) -> None:
    case = GOLDEN / "broken" / name
    check, place = (case / "expected.txt").read_text().split()

    found = findings(laid_out(tmp_path, case))

    said = [f"{finding.path}:{finding.line}" for finding in found if finding.check == check]
    others = [str(each) for each in found if each.check != check and each.level is not Level.INFO]
    assert (said, others) == ([place], [])
