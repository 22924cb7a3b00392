"""The page about checks says what the program does."""

from pathlib import Path

from newsletter.proof.report import table

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


def test_the_page_lists_every_check_as_it_is() -> None:
    written = PAGE.read_text("utf-8").partition("report.table -->\n")[2].partition("\n<!-- end")[0]

    assert written.strip() == table()
