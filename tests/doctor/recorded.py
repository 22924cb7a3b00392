"""DNS as somebody wrote it down."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from newsletter.doctor.names import Unanswered

#: A domain that does everything right, behind a relay of its own.
GOOD: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("TXT", "news.example"): ("google-site-verification=x", "v=spf1 include:_spf.relay.example ~all"),
    ("TXT", "_spf.relay.example"): ("v=spf1 ip4:203.0.113.0/28 ip6:2001:db8::/32 -all",),
    ("TXT", "s1._domainkey.news.example"): ("v=DKIM1; k=rsa; p=" + "QUFB" * 98,),
    ("TXT", "_dmarc.news.example"): ("v=DMARC1; p=none; rua=mailto:dmarc@news.example",),
    ("MX", "news.example"): ("mx.news.example",),
    ("PTR", "203.0.113.5"): ("out.relay.example",),
    ("A", "out.relay.example"): ("203.0.113.5",),
}


class Recorded:
    """Answers from a table; what does not stand there does not exist."""

    def __init__(
        self,
        answers: Mapping[tuple[str, str], tuple[str, ...]],
        *,
        without: tuple[tuple[str, str], ...] = (),
        silent: bool = False,
    ) -> None:
        self._answers = {key: answer for key, answer in answers.items() if key not in without}
        self._silent = silent
        self.questions = 0

    def texts(self, name: str) -> tuple[str, ...]:
        return self._ask("TXT", name)

    def addresses(self, name: str) -> tuple[str, ...]:
        return self._ask("A", name)

    def mail_hosts(self, name: str) -> tuple[str, ...]:
        return self._ask("MX", name)

    def pointers(self, address: str) -> tuple[str, ...]:
        return self._ask("PTR", address)

    def _ask(self, kind: str, name: str) -> tuple[str, ...]:
        self.questions += 1
        if self._silent:
            raise Unanswered(f"{kind} of {name}: timed out")
        return self._answers.get((kind, name), ())


@contextmanager
def dns_server(answers: Mapping[tuple[str, str], tuple[str, ...]]) -> Iterator[int]:
    """A DNS server on UDP that knows `answers`: kind and name -> records as a zone file has them."""
    from dns import message, rcode, rdatatype, rrset

    def serve(server: socket.socket) -> None:
        while True:
            octets, client = server.recvfrom(4096)
            if octets == b"stop":
                return
            query = message.from_wire(octets)
            (question,) = query.question
            name = question.name.to_text().rstrip(".")
            kind = rdatatype.to_text(question.rdtype)
            answer = message.make_response(query)
            if (kind, name) in answers:
                answer.answer.append(rrset.from_text(question.name, 60, "IN", kind, *answers[kind, name]))
            elif not any(name == known for _, known in answers):
                answer.set_rcode(rcode.NXDOMAIN)
            server.sendto(answer.to_wire(), client)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.sendto(b"stop", server.getsockname())
            thread.join(5)


_KEY = "QUFB" * 50
#: The zone of the sample publication, as it should be when 203.0.113.5 sends for it.
SLOWPOST: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("TXT", "slowpost.example"): ('"v=spf1 ip4:203.0.113.5 -all"',),
    ("TXT", "relay._domainkey.slowpost.example"): (f'"v=DKIM1; k=rsa; p={_KEY}" "{_KEY}"',),
    ("TXT", "_dmarc.slowpost.example"): ('"v=DMARC1; p=none"',),
    ("MX", "slowpost.example"): ("10 mx.slowpost.example.",),
    ("PTR", "5.113.0.203.in-addr.arpa"): ("out.slowpost.example.",),
    ("A", "out.slowpost.example"): ("203.0.113.5",),
}
