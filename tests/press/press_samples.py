"""Templates that do harm, and the press that they are given to."""

from __future__ import annotations

from pathlib import Path

from newsletter.issue.theme import Theme
from newsletter.model import Rendered
from newsletter.press import Press
from tests.issue.issue_samples import SITE, TEMPLATES, cards, issue_of

ISSUE = issue_of(*cards(3))
FOREVER = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"


def written(folder: Path, inside: str, name: str = "odd") -> Path:
    """A template with this text on its second line."""
    page = "<mjml><mj-body><mj-section><mj-column><mj-text>\n{}\n</mj-text></mj-column></mj-section>"
    marks = "{% for block in blocks %}{{ block.mark }}{% endfor %}{{ blocks_end }}"
    file = folder / f"{name}.mjml.j2"
    file.write_text(page.format(inside) + marks + "</mj-body></mjml>")
    return file


def printed(press: Press, template: str = "odd") -> Rendered:
    """The sample issue, rendered by the press."""
    return press.render(ISSUE, site=SITE, theme=Theme(), template=template)


def at(folder: Path) -> tuple[Path, ...]:
    """A folder of one's own, before the program's."""
    return (folder, TEMPLATES)
