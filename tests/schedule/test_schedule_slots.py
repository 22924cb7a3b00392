"""Schedules: what may be written, and the instants it means."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.schedule.names import DAYS
from newsletter.schedule.slots import Rhythm, latest, parse, parse_each

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
REFUSED_FORMS = (
    "{short} {hour}",
    "{day} at {hour}",
    "every {day} at {hour}pm",
    "{hour}.30 {day}s",
    "{short}. {hour}am",
)
#: Near what people write.
ODD = (
    r"[a-z,-]{0,12} ?[a-z,-]{0,12} ?\d{0,2}:?\d{0,2}|[0-9*/,-]{1,5} [0-9*/,-]{1,5}( [0-9a-z*/,#-]{1,7}){0,5}"
)


def due(text: str, zone: ZoneInfo, day: date) -> list[tuple[str, str]]:
    start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    slots = parse(text).occurrences(zone, start - timedelta(seconds=1), start + timedelta(hours=30))
    return [(slot.due_at.strftime("%H:%MZ"), slot.note) for slot in slots if slot.local_date == day]


@pytest.mark.parametrize(
    ("text", "words", "cadence"),
    [
        ("mon 09:00", "every Monday at 09:00", "weekly"),
        ("Monday 09:00", "every Monday at 09:00", "weekly"),
        ("mon,thu 07:30", "every Monday and Thursday at 07:30", "weekly"),
        ("fri-mon 07:30", "every Monday, Friday, Saturday and Sunday at 07:30", "weekly"),
        ("weekdays 07:30", "every weekday at 07:30", "weekdays"),
        ("mon-fri 07:30", "every weekday at 07:30", "weekdays"),
        ("daily 18:00", "every day at 18:00", "daily"),
        ("first tue 10:00", "the first Tuesday of the month at 10:00", "monthly"),
        ("last fri 16:00", "the last Friday of the month at 16:00", "monthly"),
    ],
)
def test_a_schedule_says_what_it_means(text: str, words: str, cadence: str) -> None:
    rhythm = parse(text)

    assert (rhythm.in_words(), rhythm.cadence) == (words, cadence)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no schedule"),
        ("09:00", 'write "daily 09:00"'),
        ("mon 9:00", 'write "mon 09:00" (in the evening "mon 21:00")'),
        ("mon 9", 'write "mon 09:00" (in the evening "mon 21:00")'),
        ("mon 9 pm", 'write "mon 21:00"'),
        ("mon 12am", 'write "mon 00:00"'),
        ("monday at 9", 'write "mon 09:00"'),
        ("Every Monday at 9:00 AM", 'write "mon 09:00"'),
        ("mondays 21.30", 'write "mon 21:30"'),
        ("09:00 mon", 'write "mon 09:00"'),
        ("mon 24:00", "midnight is 00:00"),
        ("mon 09:60", "there is no 09:60"),
        ("mon", "must be like 09:00"),
        ("montag 09:00", 'there is no day "montag"'),
        ("every mon 09:00", 'write "mon 09:00"'),
        ("every other mon 09:00", "is no schedule"),
        ("fifth mon 09:00", "is no schedule"),
        ("first mon,tue 09:00", "takes one day"),
        ("the first tuesday of the month at 10:00", 'write "first tue 10:00"'),
        ("now and then", "must be like 09:00"),
        ("mon tue wed 09:00", 'write "mon,tue,wed 09:00"'),
        ("mon, thu 09:00", 'write "mon,thu 09:00"'),
        ("weekends 10:00", 'write "sat,sun 10:00"'),
        ("mon 09:00 Europe/Berlin", 'write "mon 09:00", and `timezone` beside it'),
        ("mon 09:00,18:00", 'a newsletter or a cadence of each, "mon 09:00" and "mon 18:00"'),
        ("each", "write `each = true` under [newsletters.NAME.cadences]"),
        ("mon ٠٩:٠٠", "must be like 09:00"),
    ],
)
def test_what_could_be_misread_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse(text)


@pytest.mark.parametrize(
    ("value", "span"),
    [(True, timedelta(minutes=15)), ("30m", timedelta(minutes=30)), ("1d", timedelta(days=1))],
)
def test_each_is_true_or_how_long_a_post_waits(value: object, span: timedelta) -> None:
    assert parse_each(value) == span


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (False, "leave `each` out"),
        ("0m", "15 minutes after it appeared"),
        ("25h", "a day at most"),
        (15, "a span"),
        ("9999d", "a day at most"),
        ("soon", "a span"),
        (None, "a span"),
        (timedelta(0), "a span"),
    ],
)
def test_what_each_cannot_be_says_what_to_write(value: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_each(value)


@given(st.sampled_from(REFUSED_FORMS), st.integers(0, 6), st.integers(1, 12))
def test_what_a_refusal_proposes_is_a_schedule(form: str, day: int, hour: int) -> None:
    with pytest.raises(ValueError, match="write") as refused:
        parse(form.format(day=DAYS[day], short=DAYS[day][:3], hour=hour))

    proposed = re.findall(r'"([^"]+)"', str(refused.value))
    assert proposed
    assert {tuple(parse(text).days) for text in proposed} == {(day,)}


@given(st.text(max_size=40) | st.from_regex(ODD))
def test_any_text_is_a_schedule_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(parse(text), Rhythm)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("text", "zone", "day", "expected"),
    [
        pytest.param(
            "sun 02:30", "Europe/Berlin", date(2026, 3, 29), [("01:30Z", "gap")], id="gap, moved forward"
        ),
        pytest.param(
            "sun 02:30", "Europe/Berlin", date(2026, 10, 25), [("00:30Z", "fold")], id="fold, the first"
        ),
        pytest.param("daily 09:00", "Europe/Berlin", date(2026, 3, 29), [("07:00Z", "")], id="summer"),
        pytest.param("daily 09:00", "Europe/Berlin", date(2026, 3, 28), [("08:00Z", "")], id="winter"),
        pytest.param(
            "sun 02:15", "Australia/Lord_Howe", date(2026, 10, 4), [("15:45Z", "gap")], id="half an hour"
        ),
        pytest.param("daily 09:00", "Pacific/Apia", date(2011, 12, 30), [], id="a date that never was"),
        pytest.param(
            "daily 00:30", "America/Sao_Paulo", date(2018, 11, 4), [("03:30Z", "gap")], id="gap at midnight"
        ),
        pytest.param(
            "daily 09:00", "Asia/Kolkata", date(2026, 11, 23), [("03:30Z", "")], id="half-hour zone"
        ),
    ],
)
def test_the_clocks_change(text: str, zone: str, day: date, expected: list[tuple[str, str]]) -> None:
    assert due(text, ZoneInfo(zone), day) == expected


@given(
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.sampled_from([0, 15, 30, 59]),
    st.dates(date(1995, 1, 1), date(2037, 1, 1)),
)
def test_each_local_date_comes_once_and_in_order(name: str, hour: int, minute: int, first: date) -> None:
    zone = ZoneInfo(name)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    slots = list(parse(f"daily {hour:02}:{minute:02}").occurrences(zone, start, start + timedelta(days=370)))

    days = [slot.local_date for slot in slots]
    assert days == sorted(set(days))
    assert [slot.due_at for slot in slots] == sorted({slot.due_at for slot in slots})
    missing = {days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)} - set(days)
    assert missing <= {date(2011, 12, 30), date(1994, 12, 31), date(1995, 1, 1)}
    for slot in slots:
        local = slot.due_at.astimezone(zone)
        meant = datetime.combine(slot.local_date, time(hour, minute))
        moved = local.replace(tzinfo=None) - meant
        # Forward by the gap: PEP 495 reads a skipped time at fold 0 with the offset before the gap.
        before = meant.replace(tzinfo=zone).utcoffset()
        after = local.utcoffset()
        assert before is not None and after is not None
        assert moved == (after - before if slot.note == "gap" else timedelta(0))
        assert (moved > timedelta(0)) == (slot.note == "gap")
        assert local.fold == 0


def test_a_slot_that_a_gap_pushes_over_midnight_still_belongs_to_its_date() -> None:
    nuuk = ZoneInfo("America/Nuuk")  # 23:00 on 30 March 2024 was 00:00 on the 31st
    morning = datetime(2024, 3, 31, 0, 10, tzinfo=nuuk)

    (slot,) = parse("sat 23:30").occurrences(nuuk, morning, morning + timedelta(hours=1))
    assert (slot.local_date, slot.note) == (date(2024, 3, 30), "gap")
    assert slot.due_at.astimezone(nuuk).strftime("%d %H:%M") == "31 00:30"


def test_the_latest_slot_is_the_newest_that_is_due() -> None:
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    assert latest(parse("mon 09:00"), BERLIN, now).due_at == now  # type: ignore[union-attr]
    before = latest(parse("mon 09:00"), BERLIN, now - timedelta(seconds=1))
    assert before is not None and before.local_date == date(2026, 11, 16)
    monthly = latest(parse("first sun 09:00"), BERLIN, datetime(2026, 3, 31, tzinfo=UTC))
    assert monthly is not None and monthly.local_date == date(2026, 3, 1)
