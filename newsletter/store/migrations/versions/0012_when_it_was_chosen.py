"""When somebody chose how often they get a newsletter

Revision 0012, after 0011.

Who goes to another frequency and back between two issues is no ordinary reader of the next.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INDEX = "ix_subscription_audience"
_BEFORE = ["newsletter", "status", "subscriber_id", "paused_until", "frequency", "topics", "since"]


def upgrade() -> None:
    op.add_column("subscription", sa.Column("chosen_at", sa.BigInteger(), nullable=True))
    _index([*_BEFORE, "chosen_at"])


def downgrade() -> None:
    _index(_BEFORE)
    op.drop_column("subscription", "chosen_at")


def _index(columns: list[str]) -> None:
    op.drop_index(_INDEX, "subscription")
    op.create_index(_INDEX, "subscription", columns)
