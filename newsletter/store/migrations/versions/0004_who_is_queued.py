"""Who is queued is told by the issue and the subscriber

Revision 0004, after 0003.

A row has no key of its own beside those two. There is no index over the subscribers of all issues: at a million
each issue would touch every page of it. And no foreign keys: a fifth of the queueing went into them.
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAMING = {"issue_id": "issue", "variant_id": "variant"}


def upgrade() -> None:
    _without_bounces(_by_issue_and_subscriber)


def downgrade() -> None:
    _without_bounces(_by_a_key_of_its_own)


def _by_issue_and_subscriber() -> None:
    op.drop_index("ix_delivery_subscriber", "delivery")
    with op.batch_alter_table("delivery", recreate="always") as batch_op:
        batch_op.drop_constraint("uq_delivery_dedupe_key", type_="unique")
        for column in _NAMING:
            batch_op.drop_constraint(f"fk_delivery_{column}", type_="foreignkey")
        batch_op.alter_column("dedupe_key", existing_type=sa.String(), nullable=True)
    op.execute("UPDATE delivery SET dedupe_key = NULL WHERE subscriber_id IS NOT NULL")
    op.drop_index("ix_delivery_issue", "delivery")
    op.create_index("ix_delivery_issue", "delivery", ["issue_id", sa.text("state DESC")])
    op.create_index("ix_delivery_recipient", "delivery", ["issue_id", "subscriber_id"], unique=True)
    op.create_index(
        "ix_delivery_dedupe_key",
        "delivery",
        ["dedupe_key"],
        unique=True,
        sqlite_where=sa.text("dedupe_key IS NOT NULL"),
        postgresql_where=sa.text("dedupe_key IS NOT NULL"),
    )


def _by_a_key_of_its_own() -> None:
    op.drop_index("ix_delivery_issue", "delivery")
    op.create_index("ix_delivery_issue", "delivery", ["issue_id", "state"])
    op.drop_index("ix_delivery_recipient", "delivery")
    op.drop_index("ix_delivery_dedupe_key", "delivery")
    op.execute("UPDATE delivery SET dedupe_key = issue_id || ':' || subscriber_id WHERE dedupe_key IS NULL")
    with op.batch_alter_table("delivery", recreate="always") as batch_op:
        batch_op.alter_column("dedupe_key", existing_type=sa.String(), nullable=False)
        batch_op.create_unique_constraint("uq_delivery_dedupe_key", ["dedupe_key"])
        for column, table in _NAMING.items():
            batch_op.create_foreign_key(f"fk_delivery_{column}", table, [column], ["id"])
    op.create_index("ix_delivery_subscriber", "delivery", ["subscriber_id"])


def _without_bounces(change: Callable[[], None]) -> None:
    """SQLite changes a table by making it anew; dropping the old one would take along what refers to it."""
    op.execute("CREATE TABLE kept_bounce AS SELECT * FROM bounce")
    op.execute("DELETE FROM bounce")
    change()
    op.execute("INSERT INTO bounce SELECT * FROM kept_bounce")
    op.execute("DROP TABLE kept_bounce")
