"""The tables that everything rests on.

Nothing here is a cursor: what has been sent to whom is always a row.
"""

from newsletter.store.tables.archive import archive, archive_count
from newsletter.store.tables.asking import allowance, invitation, letter, wish
from newsletter.store.tables.basis import EPOCH, MILLISECOND, Instant, instant, metadata, milliseconds
from newsletter.store.tables.issues import (
    approval,
    article,
    article_key,
    block,
    frame,
    issue,
    issue_article,
    issue_media,
    media,
    newsletter_pause,
    slot,
    variant,
)
from newsletter.store.tables.outbox import bounce, delivery, hook_call, instance
from newsletter.store.tables.people import (
    consent,
    consent_detail,
    consent_form,
    import_change,
    import_run,
    subscriber,
    subscriber_tag,
    subscription,
    suppression,
    sync_file,
    zone,
)

__all__ = [
    "EPOCH",
    "MILLISECOND",
    "Instant",
    "allowance",
    "approval",
    "archive",
    "archive_count",
    "article",
    "article_key",
    "block",
    "bounce",
    "consent",
    "consent_detail",
    "consent_form",
    "delivery",
    "frame",
    "hook_call",
    "import_change",
    "import_run",
    "instance",
    "instant",
    "invitation",
    "issue",
    "issue_article",
    "issue_media",
    "letter",
    "media",
    "metadata",
    "milliseconds",
    "newsletter_pause",
    "slot",
    "subscriber",
    "subscriber_tag",
    "subscription",
    "suppression",
    "sync_file",
    "variant",
    "wish",
    "zone",
]
