"""What a report says is what was found, whatever stands in it."""

import json
from xml.etree import ElementTree as xml

from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Finding, Level
from newsletter.proof import report

SAMPLES = (
    Finding("link-relative", Level.ERROR, "templates/a.j2", 5, "the link is relative", "write https://"),
    Finding("image-alt", Level.WARNING, "content/a.md", 7, "no alt", "write one"),
    Finding("client-scores", Level.INFO, "", 0, "Gmail 99", "nothing"),
)
FINDINGS = st.lists(
    st.builds(
        Finding,
        check=st.sampled_from(sorted(report.promises())),
        level=st.sampled_from(Level),
        path=st.text(max_size=9),
        line=st.integers(0, 999),
        text=st.text(),
        fix=st.text(),
    ),
    max_size=5,
)


def test_findings_are_told_by_level_and_aligned() -> None:
    assert report.text("weekly-1 · 2 articles", SAMPLES) == (
        "weekly-1 · 2 articles\n"
        "\n"
        "1 error\n"
        "  templates/a.j2:5: error: the link is relative\n"
        "                    write https://  [link-relative]\n"
        "\n"
        "1 warning\n"
        "  content/a.md:7: warning: no alt\n"
        "                  write one  [image-alt]\n"
        "\n"
        "1 note\n"
        "   info: Gmail 99\n"
        "   nothing  [client-scores]\n"
        "\n"
        "1 error, 1 warning, 1 note."
    )


def test_colours_are_for_terminals_only() -> None:
    assert "\x1b[31m" in report.text("x", SAMPLES, colour=True)
    assert "\x1b" not in report.text("x", SAMPLES)


@given(FINDINGS)
def test_whatever_was_found_can_be_read_back(findings: list[Finding]) -> None:
    suite = xml.fromstring(report.junit("weekly", findings))[0]
    document = json.loads(json.dumps(report.document("weekly-1", findings)))

    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == {finding.check for finding in findings if finding.level is Level.ERROR}
    assert document["errors"] == sum(finding.level is Level.ERROR for finding in findings)


@given(FINDINGS)
def test_no_finding_can_steer_a_terminal(findings: list[Finding]) -> None:
    told = report.text("weekly", findings)

    assert all(character.isprintable() or character in "\n\t" or ord(character) > 0x9F for character in told)
