"""An issue that was sent, and the same made again -> whether its readers' messages are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select

from newsletter import manifest
from newsletter.audience.tokens import Tokens
from newsletter.delivery.compose import Composer, Edition
from newsletter.issue.pool import Layouts
from newsletter.issue.words import Words
from newsletter.message.write import Identity
from newsletter.model import Delivery
from newsletter.outbox import frozen
from newsletter.pipeline.making import Made
from newsletter.service import exporting
from newsletter.store import tables as t
from newsletter.store.database import Database


@dataclass(frozen=True, slots=True)
class Sent:
    """An issue of the outbox."""

    database: Database
    issue_id: str
    tokens: Tokens | None  #: None: the key is not here, and no message can be written
    most: int  #: messages that are compared

    def damaged(self, before: Mapping[str, Any]) -> tuple[str, ...]:
        """What the outbox holds otherwise than the manifest says."""
        with self.database.read() as connection:
            now = manifest.parts(frozen.rendered(connection, self.issue_id))
        return tuple(f"in the database: {each}" for each in manifest.differing_parts(before["result"], now))

    def messages(
        self, made: Made, words: Words, identities: Mapping[str, str], identity: Identity
    ) -> tuple[int, tuple[str, ...]]:
        """How many messages were written of both, and which of them differ."""
        if self.tokens is None:
            return 0, ()
        with self.database.read() as connection:
            some = exporting.sent(connection, self.issue_id, self.most)
        then = Composer(self.database, self.tokens)
        now = _Again(self.database, self.tokens, made, self._articles(identities), words, identity)
        told = (f"the message of delivery {one.id}" for one in some if then(one) != now(one))
        return len(some), tuple(told)

    def _articles(self, identities: Mapping[str, str]) -> dict[int, str]:
        """The articles of the pool, by their number in the ledger."""
        with self.database.read() as connection:
            pool = frozen.pool(connection, self.issue_id)
        return {id: identities[then] for id, then in pool.get("identities", ()) if then in identities}


class _Again(Composer):
    """Writes messages of what was made again, in the place of what was frozen."""

    def __init__(
        self,
        database: Database,
        tokens: Tokens,
        made: Made,
        articles: Mapping[int, str],
        words: Words,
        identity: Identity,
    ) -> None:
        super().__init__(database, tokens)
        self._made, self._articles, self._identity = made, articles, asdict(identity)
        self._layouts = Layouts(made.issue, words)

    def _prepare(self, delivery: Delivery) -> Edition:
        v, id = t.variant.c, delivery.variant_id
        with self._database.read() as connection:
            then = frozen.variant(connection, id)
            chosen = connection.execute(select(v.articles).where(v.id == id)).scalar_one()
        layout = self._layouts(tuple(self._articles[article] for article in chosen))
        return Edition(
            replace(
                then,
                rendered=replace(self._made.rendered, subject=then.rendered.subject),
                keys=layout.keys,
                slots=layout.slots,
                identity=self._identity,
                media=tuple(sorted(self._made.issue.media, key=lambda medium: medium.name)),
            )
        )
