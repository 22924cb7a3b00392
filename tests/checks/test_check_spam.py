"""SpamAssassin's verdict, by the real program."""

from pathlib import Path

import pytest

from newsletter.proof import spam
from tests.checks.golden_mail import GOLDEN, findings, laid_out
from tests.needs import program

REPORT = """X-Spam-Status: No, score=1.3 required=5.0 tests=HTML_MESSAGE,
\tMIME_HTML_ONLY autolearn=no

Content analysis details:   (1.3 points, 5.0 required)

 pts rule name              description
---- ---------------------- --------------------------------------------------
 0.1 MIME_HTML_ONLY         BODY: Message only has text/html MIME parts
 1.2 HTML_MESSAGE           BODY: HTML included in message
"""


def test_a_report_is_read() -> None:
    found = spam.read(REPORT)

    assert found == spam.Verdict(1.3, (spam.Rule(0.1, "MIME_HTML_ONLY"), spam.Rule(1.2, "HTML_MESSAGE")))


def test_what_is_no_report_is_no_verdict() -> None:
    assert spam.read("spamassassin: config not found") is None


@pytest.mark.slow
def test_a_good_mail_is_no_spam(tmp_path: Path) -> None:
    program("spamassassin", "spamassassin")

    found = findings(laid_out(tmp_path, GOLDEN / "good" / "own_words"), spam=True)

    assert [each for each in found if each.check.startswith("spam-")] == []


@pytest.mark.slow
def test_spam_is_told_with_its_rules() -> None:
    program("spamassassin", "spamassassin")
    test = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    message = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\n" + test + b"\r\n"

    found = spam.verdict(message)

    assert found is not None and found.points >= 1000
    assert "GTUBE" in [rule.name for rule in found.rules]
