"""Lists of seven programs, ten thousand rows each: everybody stands as their list says."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.audience import consent
from newsletter.audience.importing import import_list
from newsletter.audience.known import Subscriber
from newsletter.audience.subscribers import listed, show
from newsletter.errors import SubscribersError
from newsletter.store.database import Database
from tests.audience import lists

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TITLES = {
    "plain": "CSV",
    "mailchimp": "Mailchimp",
    "substack": "Substack",
    "ghost": "Ghost",
    "listmonk": "listmonk",
    "buttondown": "Buttondown",
    "buttondown as JSON": "Buttondown",
    "beehiiv": "beehiiv",
}


def everybody(database: Database) -> list[Subscriber]:
    found: list[Subscriber] = []
    while page := listed(database, after=found[-1].id if found else 0):
        found += page
    return found


def standing(one: Subscriber) -> str:
    """In the words of a list."""
    reasons = {reason.reason for reason in one.suppressions}
    for reason, word in (("complaint", "complained"), ("hard bounce", "bounced"), ("operator", "blocked")):
        if reason in reasons:
            return word
    (held,) = one.subscriptions
    return "paused" if held.is_paused(NOW) else held.status


@pytest.mark.parametrize("name", lists.MAKERS)
def test_ten_thousand_people_of_each_program_stand_as_their_list_says(
    database: Database, tmp_path: Path, name: str
) -> None:
    made = lists.MAKERS[name](10_000, seed=7)
    file = tmp_path / f"people{made.suffix}"
    file.write_bytes(made.file)
    report = import_list(database, file, newsletters=("weekly",), now=NOW)
    assert (report.format, dict(report.statuses)) == (TITLES[name], made.statuses)
    assert (report.skipped, report.rejected_rows) == (made.skipped, made.rejected)
    assert report.added == sum(made.statuses.values())
    assert dict(sorted(Counter(map(standing, everybody(database))).items())) == made.statuses
    again = import_list(database, file, newsletters=("weekly",), now=NOW)
    assert (again.added, again.updated, again.unchanged) == (0, 0, report.added)
    assert again.import_id == report.import_id


def imported(database: Database, file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    import_list(database, file, newsletters=("weekly",), now=NOW)


def test_mailchimp_tags_names_and_consent_arrive(database: Database, tmp_path: Path) -> None:
    head = "Adresse e-mail,First Name,Last Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID,NOTES,"
    head += "TAGS,Size"
    row = 'a@x.example,Ann,Ås,2020-01-02 03:04:05,,2020-01-03 03:04:05,203.0.113.7,1,2,,"""a,b"",""pro""",41'
    imported(database, tmp_path / "list.csv", f"{head}\n{row}\n")
    ann = show(database, "a@x.example")
    assert ann is not None
    assert (ann.name, ann.tags, ann.attributes) == ("Ann Ås", ("a,b", "pro"), {"size": 41})
    with database.read() as connection:
        (entry,) = consent.entries(connection, ann.id)
    assert (
        entry.said["note"]
        == "agreed 2020-01-02T03:04:05Z; confirmed 2020-01-03T03:04:05Z from 203.0.113.0/24"
    )


@pytest.mark.parametrize(
    ("more", "status"), [("UNSUB_TIME", "unsubscribed"), ("CLEAN_TIME", "bounced"), ("NOTES", "active")]
)
def test_a_mailchimp_file_is_known_by_its_columns_whatever_it_is_called(
    database: Database, tmp_path: Path, more: str, status: str
) -> None:
    imported(
        database, tmp_path / "x.csv", f"Email Address,LEID,EUID,{more}\na@x.example,1,2,2020-01-01 00:00:00\n"
    )
    assert [standing(one) for one in everybody(database)] == [status]


def test_substack_digests_are_daily_and_a_type_is_a_tag(database: Database, tmp_path: Path) -> None:
    head = "email,expiry,email_disabled,prefer_digests,stripe_connected_customer_id,type"
    rows = "a@x.example,,false,true,cus_1,paid\nb@x.example,,false,false,,\n"
    imported(database, tmp_path / "x.csv", f"{head}\n{rows}")
    said = {one.address: (one.subscriptions[0].frequency, one.tags) for one in everybody(database)}
    assert said == {"a@x.example": ("daily", ("paid",)), "b@x.example": ("", ())}


def test_an_empty_frequency_is_none_that_was_chosen(database: Database, tmp_path: Path) -> None:
    rows = "a@x.example,weekly\nb@x.example,\nc@x.example,hourly\n"
    imported(database, tmp_path / "x.csv", f"email,frequency\n{rows}")
    said = {one.address[0]: one.subscriptions[0].frequency for one in everybody(database)}
    assert said == {"a": "weekly", "b": "", "c": ""}


def test_ghost_labels_and_tiers_become_tags(database: Database, tmp_path: Path) -> None:
    head = "id,email,name,note,subscribed_to_emails,created_at,deleted_at,labels,products"
    row = 'x,a@x.example,Ann,,true,2020-01-02T03:04:05.000Z,,"vip,Oslo",Gold'
    imported(database, tmp_path / "x.csv", f"{head}\n{row}\n")
    (ann,) = everybody(database)
    assert (ann.tags, ann.created_at) == (("Gold", "Oslo", "vip"), datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_listmonk_attributes_stay_what_they_are(database: Database, tmp_path: Path) -> None:
    attributes = '"{""city"":""Oslo"",""n"":7,""vip"":true,""zip"":""0150"",""deep"":{""a"":[1]}}"'
    imported(
        database,
        tmp_path / "x.csv",
        f"uuid,email,name,attributes,status,created_at,updated_at\nu,a@x.example,Ann,{attributes},enabled,,\n",
    )
    (ann,) = everybody(database)
    assert ann.attributes == {"city": "Oslo", "n": 7, "vip": True, "zip": "0150", "deep": '{"a": [1]}'}


def test_a_beehiiv_tier_that_says_yes_becomes_a_tag(database: Database, tmp_path: Path) -> None:
    head = "email,First Name,Last Name,status,tier,created_at,stripe_customer_id,Gold,Silver,unsubscribed_at"
    imported(database, tmp_path / "x.csv", f"{head}\na@x.example,Ann,,active,gold,,,Yes,No,\n")
    (ann,) = everybody(database)
    assert (ann.tags, ann.attributes) == (("Gold",), {"tier": "gold"})


OWN = """
title = "Club"
needs = [["member no", "state"]]
[columns]
"post" = "email"
"member no" = "attributes.number"
[[status]]
column = "state"
values = { in = "active", out = "unsubscribed" }
"""


def test_a_format_of_ones_own_is_a_file(database: Database, tmp_path: Path) -> None:
    folder, file = tmp_path / "formats", tmp_path / "x.csv"
    folder.mkdir()
    (folder / "club.toml").write_text(OWN)
    file.write_text("post,Member No,State\na@x.example,7,in\nb@x.example,8,out\nc@x.example,9,\n")
    report = import_list(database, file, newsletters=("weekly",), now=NOW, own_formats=folder)
    assert (report.format, report.statuses) == ("Club", (("active", 1), ("unsubscribed", 1)))
    assert [one.reason for one in report.rejected] == ["the status is empty, which is none that is known"]
    assert [one.attributes for one in everybody(database)] == [{"number": 8}, {"number": 7}]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('title = "x"\n[columns]\na = "mail"\n', "mail is not a column of ours"),
        ('title = "x"\n[columns]\n[[status]]\ncolumn = "s"\nfilled = "gone"\n', "gone is not a status"),
        ("title = \n", "Invalid value (at line 1, column 9)"),
        ('title = "x"\nneed = []\n[columns]\n', "unknown key need"),
        ('title = "x"\n', "is not laid out like a format: 'columns'"),
    ],
)
def test_a_mistake_in_a_format_names_its_file(
    tmp_path: Path, database: Database, text: str, wrong: str
) -> None:
    (tmp_path / "own.toml").write_text(text)
    (tmp_path / "x.csv").write_text("email\na@x.example\n")
    with pytest.raises(SubscribersError) as refusal:
        import_list(database, tmp_path / "x.csv", newsletters=(), now=NOW, own_formats=tmp_path)
    assert str(refusal.value).startswith(f"{tmp_path / 'own.toml'}: {wrong}")


def test_a_format_may_be_named_where_the_columns_do_not_tell(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("email,type\na@x.example,unactivated\n")
    with pytest.raises(SubscribersError, match="there is no format buttonup; there are: "):
        import_list(database, file, newsletters=("weekly",), now=NOW, form="buttonup")
    report = import_list(database, file, newsletters=("weekly",), now=NOW, form="buttondown")
    assert report.statuses == (("pending", 1),)
