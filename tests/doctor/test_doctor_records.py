"""SPF, DKIM, DMARC, PTR and MX: what receivers will conclude, and the line to paste."""

import socket

import pytest

from newsletter.doctor import spf
from newsletter.doctor.diagnosis import Health
from newsletter.doctor.names import LiveNames, Unanswered
from newsletter.doctor.records import Sending, aligned, look, organisation
from tests.doctor.recorded import GOOD, Recorded, dns_server

OURS = Sending("news.example", "news.example", ("203.0.113.5",), ("s1",))
TXT = tuple[str, str]


def found(names: Recorded, sending: Sending = OURS) -> dict[str, tuple[Health, str, str]]:
    return {each.topic: (each.health, each.text, each.fix) for each in look(names, sending)}


def with_text(name: str, *texts: str) -> Recorded:
    return Recorded({**GOOD, ("TXT", name): texts})


def test_a_domain_that_does_everything_right_is_well() -> None:
    lines = found(Recorded(GOOD))
    assert {topic: health for topic, (health, _, _) in lines.items()} == dict.fromkeys(
        ("spf", "dkim", "dmarc", "ptr", "bounces"), Health.OK
    )
    assert [fix for _, _, fix in lines.values() if fix] == []


@pytest.mark.parametrize(
    ("topic", "missing", "paste"),
    [
        ("spf", ("TXT", "news.example"), 'news.example. TXT "v=spf1 ip4:203.0.113.5 ~all"'),
        ("dkim", ("TXT", "s1._domainkey.news.example"), "s1._domainkey.news.example. TXT"),
        ("dmarc", ("TXT", "_dmarc.news.example"), '_dmarc.news.example. TXT "v=DMARC1; p=none; rua='),
        ("ptr", ("PTR", "203.0.113.5"), "ask who gave you 203.0.113.5 for a PTR"),
        ("ptr", ("A", "out.relay.example"), "give that name an A record"),
        ("bounces", ("MX", "news.example"), "news.example. MX 10"),
    ],
)
def test_what_is_missing_is_a_failure_with_the_line_to_paste(topic: str, missing: TXT, paste: str) -> None:
    lines = found(Recorded(GOOD, without=(missing,)))
    health, _, fix = lines.pop(topic)
    assert health is Health.FAILURE
    assert paste in fix
    assert {health for health, _, _ in lines.values()} == {Health.OK}


@pytest.mark.parametrize(
    ("names", "topic", "health", "said"),
    [
        (with_text("news.example", "v=spf1 -all"), "spf", Health.FAILURE, "203.0.113.5 gets fail"),
        (
            with_text("news.example", "v=spf1 a -all", "v=spf1 mx -all"),
            "spf",
            Health.FAILURE,
            "2 SPF records",
        ),
        (with_text("news.example", "v=spf1 ipv4:1.2.3.4 -all"), "spf", Health.FAILURE, "no mechanism"),
        (with_text("s1._domainkey.news.example", "v=DKIM1; p="), "dkim", Health.FAILURE, "revoked"),
        (with_text("s1._domainkey.news.example", "v=DKIM1; p=n!pe"), "dkim", Health.FAILURE, "not base64"),
        (
            with_text("s1._domainkey.news.example", "v=DKIM1; p=" + "QUFB" * 54),
            "dkim",
            Health.WARNING,
            "shorter than 2,048 bits",
        ),
        (with_text("_dmarc.news.example", "v=DMARC1; p=maybe"), "dmarc", Health.FAILURE, 'p= is "maybe"'),
        (
            with_text("_dmarc.news.example", "v=DMARC1; p=none", "v=DMARC1; p=reject"),
            "dmarc",
            Health.FAILURE,
            "2 records",
        ),
    ],
)
def test_what_is_wrong_is_told(names: Recorded, topic: str, health: Health, said: str) -> None:
    given, text, fix = found(names)[topic]
    assert given is health
    assert said in text
    assert fix


def test_bounces_elsewhere_do_not_count_for_the_domain_that_readers_see() -> None:
    names = Recorded({**GOOD, ("TXT", "other.example"): ("v=spf1 ip4:203.0.113.5 -all",)})
    lines = found(names, Sending("news.example", "other.example", ("203.0.113.5",), ("s1",)))
    assert lines["spf"][0] is Health.OK
    assert lines["spf alignment"][0] is Health.WARNING


def test_strict_alignment_is_seen() -> None:
    answers = {
        **GOOD,
        ("TXT", "_dmarc.news.example"): ("v=DMARC1; p=reject; aspf=s",),
        ("TXT", "bounces.news.example"): ("v=spf1 ip4:203.0.113.5 -all",),
    }
    lines = found(Recorded(answers), Sending("news.example", "bounces.news.example", ("203.0.113.5",), ()))
    assert "spf alignment" not in lines
    assert lines["dmarc alignment"][0] is Health.WARNING


def test_without_an_address_nothing_is_claimed() -> None:
    lines = found(Recorded(GOOD), Sending("news.example", "news.example", (), ()))
    assert (lines["spf"][0], lines["ptr"][0]) == (Health.WARNING, Health.WARNING)
    assert lines["dkim"][0] is Health.OK  # s1 is one of the usual selectors


def test_a_silent_dns_is_no_verdict() -> None:
    lines = found(Recorded(GOOD, silent=True))
    assert {topic: health for topic, (health, _, _) in lines.items()} == {"spf": Health.WARNING}
    assert "DNS does not answer" in lines["spf"][1]


@pytest.mark.parametrize(
    ("record", "address", "result"),
    [
        ("v=spf1 ip4:203.0.113.5 -all", "203.0.113.5", "pass"),
        ("v=spf1 ip4:203.0.113.0/24 -all", "203.0.114.5", "fail"),
        ("v=spf1 ip6:2001:db8::/32 ~all", "2001:db8::5", "pass"),
        ("v=spf1 ~all", "203.0.113.5", "softfail"),
        ("v=spf1 ?all", "203.0.113.5", "neutral"),
        ("v=spf1", "203.0.113.5", "neutral"),
        ("v=spf1 a:out.relay.example -all", "203.0.113.5", "pass"),
        ("v=spf1 a:out.relay.example/28 -all", "203.0.113.9", "pass"),
        ("v=spf1 mx:relayed.example -all", "203.0.113.5", "pass"),
        ("v=spf1 redirect=_spf.relay.example", "203.0.113.5", "pass"),
        ("v=spf1 redirect=_spf.relay.example", "198.51.100.1", "fail"),
        ("V=SPF1 -ip4:203.0.113.5 +all", "203.0.113.5", "fail"),
        ("v=spf1 exists:%{i}.x.example -all", "203.0.113.5", "fail"),
        ("v=spf1 ptr:relay.example -all", "203.0.113.5", "pass"),
        ("v=spf1 include:_spf.relay.example -all exp=why.example", "203.0.113.5", "pass"),
    ],
)
def test_a_record_is_read_as_receivers_read_it(record: str, address: str, result: str) -> None:
    names = Recorded(
        {**GOOD, ("TXT", "x.example"): (record,), ("MX", "relayed.example"): ("out.relay.example",)}
    )
    assert spf.check(names, "x.example", address, spf.Count()) == result


def test_a_record_that_asks_too_much_is_broken_and_a_circle_ends() -> None:
    circle = Recorded({("TXT", "x.example"): ("v=spf1 include:x.example -all",)})
    with pytest.raises(spf.Broken, match="more than 10 questions"):
        spf.check(circle, "x.example", "203.0.113.5", spf.Count())
    assert circle.questions < 30


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("news.example", "news.example"),
        ("a.b.news.example", "news.example"),
        ("mail.shop.co.uk", "shop.co.uk"),
        ("x.mail.example.de", "example.de"),
    ],
)
def test_the_organisation_of_a_domain(domain: str, expected: str) -> None:
    assert organisation(domain) == expected
    assert aligned(domain, f"bounces.{expected}")


def test_a_real_resolver_gives_what_a_server_says() -> None:
    zone = {
        ("TXT", "news.example"): ('"v=spf1 " "-all"', '"other"'),
        ("A", "out.news.example"): ("203.0.113.5",),
        ("AAAA", "out.news.example"): ("2001:db8::5",),
        ("MX", "news.example"): ("10 MX.news.example.",),
        ("PTR", "5.113.0.203.in-addr.arpa"): ("out.news.example.",),
    }
    with dns_server(zone) as port:
        names = LiveNames("127.0.0.1", port)
        assert sorted(names.texts("news.example")) == ["other", "v=spf1 -all"]
        assert names.addresses("out.news.example") == ("203.0.113.5", "2001:db8::5")
        assert names.mail_hosts("news.example") == ("mx.news.example",)
        assert names.pointers("203.0.113.5") == ("out.news.example",)
        assert names.texts("out.news.example") == names.texts("nobody.example") == ()


def test_a_server_that_says_nothing_is_told_from_a_name_without_records() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        names = LiveNames("127.0.0.1", silent.getsockname()[1], seconds=0.3)
        with pytest.raises(Unanswered, match=r"TXT of news\.example"):
            names.texts("news.example")
