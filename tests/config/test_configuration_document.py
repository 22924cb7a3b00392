"""docs/configuration.md is the models' own reference: it cannot fall behind."""

from pathlib import Path

from newsletter.config import reference

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def test_every_key_is_documented_as_it_is() -> None:
    # Rewrite it with: python -c "from newsletter.config import reference; print(reference())"
    text = DOCUMENT.read_text()

    assert reference().strip() in text
