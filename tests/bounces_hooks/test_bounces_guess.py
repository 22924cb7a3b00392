"""The last resort: a server's own words that no report is in. Known by our mark only, and never for good."""

from __future__ import annotations

import pytest

from newsletter.audience.bounces import Action, Reading, read
from newsletter.delivery.bounced import Effect
from newsletter.message.write import message_id
from newsletter.store.database import Database
from tests.inbox.returned import OTHERS, TOKENS, address, free
from tests.inbox.test_bounce_recording import came_back, reasons, sent
from tests.outbox.publishing import subscribe

#: As qmail says it, without a word that has a meaning for us.
QMAIL_PLAIN = """\
Hi. This is the qmail-send program at mx.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<r1@example.org>:
Something is the matter with this one.
"""
WARNING = """\
Delivery to the following recipient has been delayed:

     r1@example.org

Message will be retried for 2 more day(s)
"""
COPY = "\n--- Below this line is a copy of the message.\n\nMessage-ID: {id}\nSubject: x\n"
OURS = message_id(b"k" * 32, "1", "slowpost.example")


@pytest.fixture(autouse=True)
def readers(database: Database) -> None:
    subscribe(database, 2)
    sent(database)


def test_a_guess_is_counted_and_never_shuts_a_reader_out(database: Database) -> None:
    recorded = came_back(database, free(address(1), QMAIL_PLAIN))

    assert (recorded.effect, recorded.delivery_id, recorded.failures) == (Effect.COUNTED, 1, 1)
    assert reasons(database, 1) == []


def test_a_guess_says_that_it_is_one(database: Database) -> None:
    (notice,) = read(free(address(1), QMAIL_PLAIN), TOKENS).notices
    assert (notice.action, notice.status, notice.recipient, notice.diagnostic) == (
        Action.FAILED, "5.0.0", "r1@example.org", "guessed from the form of the mail",
    )  # fmt: skip


def test_a_warning_is_noted_only(database: Database) -> None:
    assert came_back(database, free(address(1), WARNING)).effect is Effect.NOTED


def test_our_message_id_in_the_copy_names_the_message(database: Database) -> None:
    mail = free("ida@slowpost.example", QMAIL_PLAIN + COPY.format(id=OURS))
    assert came_back(database, mail).delivery_id == 1


def test_a_message_id_that_is_not_ours_names_none(database: Database) -> None:
    mail = free("ida@slowpost.example", QMAIL_PLAIN + COPY.format(id="<made.up@slowpost.example>"))
    assert came_back(database, mail).effect is Effect.NOT_OURS


@pytest.mark.parametrize(
    "mail",
    [
        free("ida@slowpost.example", QMAIL_PLAIN),
        free(address(1, OTHERS), QMAIL_PLAIN),
        free(address(1).replace("+1.", "+2."), QMAIL_PLAIN),
        free(address(1), QMAIL_PLAIN, sender="r1@example.org"),
    ],
    ids=["no mark", "a forged mark", "another's mark", "a person"],
)
def test_without_proof_nothing_is_guessed(mail: bytes) -> None:
    assert read(mail, TOKENS) == Reading((), "no bounce")


def test_five_guesses_let_the_address_rest_and_no_more(database: Database) -> None:
    for number in range(2, 6):
        sent(database, name=f"weekly-{number}")

    effects = [came_back(database, free(address(id), QMAIL_PLAIN)).effect for id in (1, 3, 5, 7, 9)]

    assert effects == [Effect.COUNTED] * 4 + [Effect.SUPPRESSED]
    assert reasons(database, 1) == [("*", "soft bounces")]
