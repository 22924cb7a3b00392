"""Cron: what of it is a schedule here, and what is meant by the rest."""

import re

import pytest

from newsletter.schedule.slots import parse


@pytest.mark.parametrize(
    ("text", "words", "cadence"),
    [
        ("30 7 * * mon-fri", "every weekday at 07:30", "weekdays"),
        ("0 9 * * mon", "every Monday at 09:00", "weekly"),
        ("0 9 * * MON,Thu", "every Monday and Thursday at 09:00", "weekly"),
        ("0 18 * * *", "every day at 18:00", "daily"),
        ("0 9 1 * *", "the 1st of the month at 09:00", "monthly"),
        ("0 9 1,15,22 * *", "the 1st, 15th and 22nd of the month at 09:00", "monthly"),
        ("0 9 1 1,4,7,10 *", "the 1st of the month at 09:00, in January, April, July and October", "monthly"),
        ("0 9 31 jan,mar *", "the 31st of the month at 09:00, in January and March", "monthly"),
        ("0 9 * nov-feb sun", "every Sunday at 09:00, in January, February, November and December", "weekly"),
        ("0 9 1-31 1-12 *", "every day at 09:00", "daily"),
    ],
)
def test_cron_with_named_weekdays_is_a_schedule(text: str, words: str, cadence: str) -> None:
    rhythm = parse(text)

    assert (rhythm.in_words(), rhythm.cadence) == (words, cadence)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("30 7 * * 1-5", 'as "30 7 * * mon-fri"'),
        ("0 9 * * 0", 'as "0 9 * * sun"'),
        ("0 9 * * 7", 'as "0 9 * * sun"'),
        ("0 9 * * 1,3", 'as "0 9 * * mon,wed"'),
        ("0 10 1-7 * tue", 'write "first tue 10:00"'),
        ("0 10 15-21 * fri", 'write "third fri 10:00"'),
        ("0 10 1-7 jan tue", 'write "0 10 1-7 jan *" or "0 10 * jan tue"'),
        ("0 9 1 * mon", 'write "0 9 1 * *" or "0 9 * * mon"'),
        ("0 9 * * tue#2", 'as "second tue 10:00"'),
        ("0 9 * * fril", 'as "last fri 10:00"'),
        ("*/15 * * * *", "one slot a day"),
        ("*/15 9 * * *", 'the minute "*/15" is several times a day'),
        ("0 9,18 * * mon", '"0 9 * * mon" and "0 18 * * mon"'),
        ("0 9-17 * * mon", "one slot a day"),
        ("0 9 1 */3 *", 'as "1,4,7,10"'),
        ("0 9 */2 * *", "no steps"),
        ("0 9 31 * *", 'of "jan,mar,may,jul,aug,oct,dec"'),
        ("0 9 29 feb *", "not every month has a day 29"),
        ("0 9 0 * *", "1 to 31"),
        ("0 9 7-1 * *", "1 to 31"),
        ("0 9 1 13 *", "1 to 12"),
        ("0 9 ? * mon", "must be *"),
        ("60 9 * * mon", "0 to 59"),
        ("0 24 * * mon", "0 to 23"),
        ("0 9 * * montag", 'no day "montag"'),
        ("0 9 * juli *", 'no month "juli"'),
        ("0 0 9 * * mon", "five fields"),
        ("0 9 * *", "five fields"),
        ("@weekly", 'write "sun 00:00"'),
        ("@monthly", 'write "0 0 1 * *"'),
        ("@reboot", "daily 18:00"),
    ],
)
def test_what_cron_leaves_open_is_refused_with_what_is_meant(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        parse(text)

    assert str(refused.value).startswith(repr(text))


def test_cron_and_words_that_mean_the_same_are_the_same() -> None:
    assert parse("30 7 * * mon-fri") == parse("weekdays 07:30")
    assert parse("0 18 * * *") == parse("daily 18:00")
    assert parse("5 9 * * wed") == parse("wed 09:05")
