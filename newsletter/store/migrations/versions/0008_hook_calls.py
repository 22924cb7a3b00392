"""Which calls of a mail provider were acted upon

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook_call",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "id", name="pk_hook_call"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_hook_call_at", "hook_call", ["at"])


def downgrade() -> None:
    op.drop_table("hook_call")
