"""What was made is made once, as long as there is room for it."""

from newsletter.delivery.kept import Kept


class Kitchen:
    """Makes things, and remembers what it made."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, what: str) -> str:
        self.made.append(what)
        return what


def test_what_there_is_room_for_is_made_once() -> None:
    kitchen, kept = Kitchen(), Kept[str, str](10, len)
    for what in ("soup", "bread", "soup", "bread"):
        assert kept.get(what, lambda what=what: kitchen(what)) == what  # type: ignore[misc]
    assert kitchen.made == ["soup", "bread"]


def test_the_least_lately_used_is_forgotten_when_there_is_no_more_room() -> None:
    kitchen, kept = Kitchen(), Kept[str, str](10, len)
    for what in ("soup", "bread", "soup", "fish", "soup", "bread"):
        kept.get(what, lambda what=what: kitchen(what))  # type: ignore[misc]
    assert kitchen.made == ["soup", "bread", "fish", "bread"]


def test_the_newest_is_kept_whatever_it_weighs_and_gives_its_room_back() -> None:
    kitchen, kept = Kitchen(), Kept[str, str](4, len)
    for what in ("marzipan", "marzipan", "soup", "soup"):
        kept.get(what, lambda what=what: kitchen(what))  # type: ignore[misc]
    assert kitchen.made == ["marzipan", "soup"]
