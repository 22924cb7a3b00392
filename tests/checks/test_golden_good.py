"""Mails with nothing wrong, of many kinds: no check stops them."""

from pathlib import Path

import pytest

from newsletter.model import Level
from tests.checks.golden_mail import GOLDEN, cases, findings, laid_out


@pytest.mark.parametrize("name", cases("good"))
def test_a_good_mail_has_neither_errors_nor_warnings(name: str, tmp_path: Path) -> None:
    found = findings(laid_out(tmp_path, GOLDEN / "good" / name))

    assert [str(finding) for finding in found if finding.level is not Level.INFO] == []
