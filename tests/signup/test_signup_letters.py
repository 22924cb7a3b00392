"""From the form to the inbox, and back by the links in the mails."""

import pytest
from sqlalchemy import delete, select, update

from newsletter.audience import subscribers
from newsletter.audience.blocking import block
from newsletter.audience.consent import Evidence, entries, verify
from newsletter.audience.erasing import erase
from newsletter.audience.suppression import LIFTED_BY, By, Reason, suppress
from newsletter.model import Kind, State
from newsletter.outbox import ledger, operate
from newsletter.outbox.claim import take
from newsletter.signup.confirming import asked_for, confirmed, left
from newsletter.store import tables as t
from newsletter.store.reach import LIFTED_BY_READERS
from tests.outbox.publishing import issue, publish, subscribe
from tests.signup.signing import DAY, FORM, NOW, Publication, link, text_of, wish


def test_a_sign_up_is_confirmed_by_the_link_in_the_mail_and_welcomed(paper: Publication) -> None:
    assert paper.sign_up(wish()).sent == 1
    (asks,) = paper.mails()
    assert (asks["To"], asks["Subject"]) == ("ann@example.org", "Please confirm: The Slow Post")

    assert paper.confirm(asks) == ("weekly",)
    assert paper.answer().letters == 1
    assert paper.deliver().sent == 1
    _, welcome = paper.mails()
    assert (welcome["To"], welcome["Subject"]) == ("ann@example.org", "Welcome to The Slow Post")
    id = paper.tokens.read_preferences(link(welcome, "p"))
    assert id is not None
    assert paper.tokens.read_unsubscribe(link(welcome, "u")) == (id, "weekly")
    assert paper.tokens.read_confirm(link(asks, "c")) == (id, NOW)


def test_the_consent_log_says_what_was_agreed_in_which_words_and_from_where(paper: Publication) -> None:
    paper.sign_up(wish(newsletters=("weekly", "daily"), frequency="daily", topics=("dogs",)))
    paper.confirm(paper.mails()[0])
    with paper.database.read() as connection:
        log = entries(connection, 1)
        assert verify(connection).broken == 0
    told = [(e.said["newsletter"], e.said["action"], e.said["frequency"], e.said["topics"]) for e in log]
    assert told == [
        ("weekly", "signed up", "daily", ["dogs"]),
        ("daily", "signed up", "daily", ["dogs"]),
        ("daily", "confirmed", "daily", ["dogs"]),
        ("weekly", "confirmed", "daily", ["dogs"]),
    ]
    assert [(e.form, e.said["source"]) for e in log[:2]] == [(FORM, "203.0.113.0/24")] * 2


def test_a_confirmation_is_no_list_mail_and_a_welcome_is(paper: Publication) -> None:
    paper.sign_up(wish())
    (asks,) = paper.mails()
    assert asks["Auto-Submitted"] == "auto-generated"
    assert [name for name in asks if name.lower().startswith(("list-", "precedence"))] == []
    paper.confirm(asks)
    paper.answer()
    paper.deliver()
    welcome = paper.mails()[1]
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert welcome["Auto-Submitted"] is None


def test_nothing_that_a_stranger_typed_stands_in_a_confirmation_but_the_address(paper: Publication) -> None:
    typed = wish(
        "ann+pills@example.org", topics=("BUY PILLS",), newsletters=("weekly", "BUY PILLS"), zone="Asia/Tokyo"
    )
    paper.sign_up(typed)
    (asks,) = paper.mails()
    assert "pills@example.org" in text_of(asks)
    assert "BUY" not in asks.as_string()
    assert "Tokyo" not in asks.as_string()


def test_one_confirmation_names_all_that_it_is_about(paper: Publication) -> None:
    paper.sign_up(wish(newsletters=("daily", "weekly")))
    (asks,) = paper.mails()
    assert asks["Subject"] == "Please confirm: The Quick Post, The Slow Post"
    assert sorted(paper.confirm(asks)) == ["daily", "weekly"]
    paper.answer()
    assert paper.deliver().sent == 2
    welcomes = {mail["Subject"]: link(mail, "u") for mail in paper.mails()[1:]}
    assert {subject: paper.tokens.read_unsubscribe(token) for subject, token in welcomes.items()} == {
        "Welcome to The Quick Post": (1, "daily"),
        "Welcome to The Slow Post": (1, "weekly"),
    }


def test_what_nobody_may_sign_up_for_is_not_to_be_had(paper: Publication) -> None:
    assert paper.sign_up(wish(newsletters=("board", "nonsense"))).sent == 0
    assert paper.sign_up(wish("ben@example.org", newsletters=("board", "weekly"))).sent == 1
    assert paper.confirm(paper.mails()[0]) == ("weekly",)


def test_to_confirm_twice_changes_nothing_and_welcomes_once(paper: Publication) -> None:
    paper.sign_up(wish())
    (asks,) = paper.mails()
    assert [paper.confirm(asks), paper.confirm(asks)] == [("weekly",), ()]
    assert [paper.answer().letters, paper.answer().letters] == [1, 0]
    again = confirmed(paper.config, paper.database, 1, ("weekly",), Evidence(NOW, "confirmation"))
    assert again == ("weekly",)
    assert paper.answer().letters == 0
    paper.deliver()
    assert len(paper.mails()) == 2


def test_only_what_is_named_is_confirmed(paper: Publication) -> None:
    paper.sign_up(wish(newsletters=("weekly", "daily")))
    assert confirmed(paper.config, paper.database, 1, ("daily",), Evidence(NOW, "confirmation")) == ("daily",)
    with paper.database.read() as connection:
        assert asked_for(connection, 1, NOW) == ("weekly",)
        assert asked_for(connection, 77, NOW) == ()


def test_the_letters_come_in_the_language_that_was_read(paper: Publication) -> None:
    paper.sign_up(wish("ann@example.org", language="de-AT"))
    paper.sign_up(wish("ben@example.org", language="tlh"))
    german, english = paper.mails()
    assert german["Subject"] == "Bitte bestätigen: The Slow Post"
    assert english["Subject"] == "Please confirm: The Slow Post"
    paper.confirm(german)
    paper.answer()
    paper.deliver()
    assert paper.mails()[2]["Subject"] == "Willkommen bei The Slow Post"


def test_todays_confirmation_has_another_message_id_than_next_weeks(paper: Publication) -> None:
    paper.sign_up(wish())
    paper.sign_up(wish(), NOW + 6 * DAY)
    first, second = paper.mails()
    assert first["Message-ID"] != second["Message-ID"]
    assert paper.tokens.read_confirm(link(second, "c")) == (1, NOW + 6 * DAY)


@pytest.mark.parametrize(
    "reason", [Reason.COMPLAINT, Reason.OPERATOR, Reason.SOFT_BOUNCES, Reason.DOMAIN], ids=str
)
def test_who_must_not_be_written_to_is_not_even_asked(paper: Publication, reason: str) -> None:
    key = "@example.org" if reason == Reason.DOMAIN else "ann@example.org"
    paper.database.write(lambda c: suppress(c, key, "*", reason, NOW, until=NOW + DAY))
    assert paper.ask(wish()).taken
    assert (paper.answer().letters, paper.deliver().sent) == (0, 0)


@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.HARD_BOUNCE], ids=str)
def test_who_left_or_bounced_comes_back_by_their_own_word(paper: Publication, reason: str) -> None:
    subscribers.add(paper.database, "ann@example.org", newsletters=("weekly",), now=NOW)
    paper.database.write(lambda c: suppress(c, "ann@example.org", "*", reason, NOW))
    if reason == Reason.UNSUBSCRIBED:
        subscribers.unsubscribe(paper.database, "ann@example.org", "weekly", NOW)
    assert paper.sign_up(wish(), NOW + DAY).sent == 1
    assert paper.confirm(paper.mails()[0], NOW + DAY) == ("weekly",)
    assert subscribers.counts(paper.database, "weekly", NOW + DAY).active == 1


def test_who_was_erased_can_sign_up_anew(paper: Publication) -> None:
    subscribers.add(paper.database, "ann@example.org", newsletters=("weekly",), now=NOW)
    erase(paper.database, "ann@example.org", Evidence(NOW, "operator"))
    assert paper.sign_up(wish()).sent == 1
    assert paper.confirm(paper.mails()[0]) == ("weekly",)
    assert subscribers.counts(paper.database, "weekly", NOW).active == 1


def test_who_has_all_of_it_is_not_written_to(paper: Publication) -> None:
    subscribers.add(paper.database, "ann@example.org", newsletters=("weekly",), now=NOW)
    assert paper.sign_up(wish()).sent == 0
    assert paper.sign_up(wish(newsletters=("weekly", "daily"))).sent == 1
    assert paper.mails()[0]["Subject"] == "Please confirm: The Quick Post"


def test_who_is_blocked_between_the_form_and_the_wire_gets_no_confirmation(paper: Publication) -> None:
    paper.ask(wish())
    assert paper.answer().letters == 1
    block(paper.database, "ann@example.org", "*", NOW)
    assert paper.deliver().sent == 0
    with paper.database.read() as connection:
        (row,) = operate.deliveries(connection)
    assert (row.state, row.reply) == (State.SUPPRESSED, "on the suppression list")


def test_a_confirmation_is_not_sent_when_nothing_waits_for_it_any_more(paper: Publication) -> None:
    paper.ask(wish())
    paper.answer()
    confirmed(paper.config, paper.database, 1, ("weekly",), Evidence(NOW, "confirmation"))
    assert paper.deliver().sent == 0
    with paper.database.read() as connection:
        (row,) = operate.deliveries(connection)
    assert (row.state, row.reply) == (State.SUPPRESSED, "nothing waits to be confirmed")


def test_a_welcome_is_not_sent_to_who_has_left_again(paper: Publication) -> None:
    paper.sign_up(wish())
    paper.confirm(paper.mails()[0])
    paper.answer()
    subscribers.unsubscribe(paper.database, "ann@example.org", "weekly", NOW)
    assert paper.deliver().sent == 0


def test_a_confirmation_that_could_not_be_sent_in_time_expires(paper: Publication) -> None:
    paper.ask(wish())
    paper.answer()
    drained = paper.deliver(NOW + 2 * DAY)
    assert (drained.sent, drained.lost) == (0, 1)


def test_a_goodbye_follows_where_it_is_wanted_and_leads_back(paper: Publication) -> None:
    paper.config = paper.config.model_copy(
        update={"signup": paper.config.signup.model_copy(update={"goodbye": True})}
    )
    subscribers.add(paper.database, "ann@example.org", newsletters=("weekly",), now=NOW)
    subscribers.unsubscribe(paper.database, "ann@example.org", "weekly", NOW)
    paper.database.write(lambda c: left(c, paper.config, 1, "weekly", NOW))
    paper.answer()
    assert paper.deliver().sent == 1
    (goodbye,) = paper.mails()
    assert goodbye["Subject"] == "You have left The Slow Post"
    assert paper.tokens.read_undo(link(goodbye, "r")) == (1, "weekly", NOW)


def test_nothing_is_kept_of_a_wish_that_was_looked_at(paper: Publication) -> None:
    for address in ("ann@example.org", "ben@example.org"):
        paper.ask(wish(address))
    paper.ask(wish("cat@example.org", newsletters=("board",)))
    paper.answer()
    with paper.database.read() as connection:
        assert connection.execute(select(t.wish)).all() == []
        assert connection.execute(select(t.letter)).all() == []
        marks = connection.execute(select(t.invitation.c.mark)).scalars().all()
    assert len(marks) == 2
    assert not any("@" in mark for mark in marks)


def test_erasing_takes_a_wish_and_a_letter_that_wait(paper: Publication) -> None:
    paper.ask(wish())
    erase(paper.database, "Ann@example.org", Evidence(NOW, "operator"))
    assert paper.answer().wishes == 0
    paper.database.write(lambda c: c.execute(delete(t.suppression)))
    paper.sign_up(wish(), NOW)
    paper.confirm(paper.mails()[0])
    erase(paper.database, "ann@example.org", Evidence(NOW, "operator"))
    assert paper.answer().letters == 0


def test_a_broken_template_holds_up_its_own_letters_only_and_they_come_once_it_is_mended(
    paper: Publication,
) -> None:
    templates = paper.config.root / "templates"
    templates.mkdir()
    (templates / "confirm.mjml.j2").write_text("<mjml>\n{{ oops( }}")
    paper.database.write(lambda c: left(c, paper.config, 1, "weekly", NOW))
    paper.ask(wish())
    answered = paper.answer()
    assert (answered.wishes, answered.letters) == (1, 0)
    assert [mistake.rpartition("/")[2].split(": ")[0] for mistake in answered.mistakes] == [
        "confirm.mjml.j2:2"
    ]
    (templates / "confirm.mjml.j2").unlink()
    assert paper.answer(NOW + DAY).letters == 1
    assert paper.deliver(NOW + DAY).sent == 1


def test_a_confirmation_goes_before_the_rest_of_an_issue_that_is_being_sent(paper: Publication) -> None:
    subscribe(paper.database, 50)
    publish(paper.database, issue())
    alive = {"owner": "here", "limit": 1, "now": NOW}
    (first,) = paper.database.write(lambda c: take(c, **alive))  # type: ignore[arg-type]
    paper.ask(wish())
    paper.answer()
    (second,) = paper.database.write(lambda c: take(c, **alive))  # type: ignore[arg-type]
    assert [first.kind, second.kind] == [Kind.ISSUE, Kind.CONFIRM]


def test_letters_are_nobodys_but_whose_they_are_and_balance_like_an_issue(paper: Publication) -> None:
    subscribe(paper.database, 5)
    paper.sign_up(wish())
    with paper.database.read() as connection:
        assert operate.issues(connection) == ()
        (letters,) = operate.issues(connection, letters=True)
        assert not ledger.books(connection, "weekly").made
    assert (letters.kind, letters.state, letters.newsletter) == ("confirm", "finished", "weekly")
    assert letters.id.startswith("confirm-2026-11-23-")
    assert (letters.counts.recipients, letters.counts[State.SENT]) == (1, 1)


def test_what_the_operator_cancelled_is_not_sent(paper: Publication) -> None:
    paper.sign_up(wish())
    with paper.database.read() as connection:
        (letters,) = operate.issues(connection, letters=True)
    paper.database.write(lambda c: c.execute(update(t.issue).values(state="open")))
    paper.database.write(lambda c: operate.cancel(c, letters.id, NOW))
    assert paper.sign_up(wish("ben@example.org")).sent == 0


def test_the_reasons_that_readers_lift_are_the_same_in_both_rooms() -> None:
    lifted = {reason.value for reason, who in LIFTED_BY.items() if By.READER in who}
    assert lifted == set(LIFTED_BY_READERS)
