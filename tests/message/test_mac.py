"""Our HMAC is the library's."""

import hmac

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.message.mac import Mac


@given(key=st.binary(max_size=200), texts=st.lists(st.binary(max_size=200), max_size=3))
@example(key=b"k" * 64, texts=[b"", b""])
@example(key=b"k" * 65, texts=[b"a" * 64])
def test_it_gives_what_the_library_gives_each_time(key: bytes, texts: list[bytes]) -> None:
    mac = Mac(key)

    assert [mac(text) for text in texts] == [hmac.digest(key, text, "sha256") for text in texts]
