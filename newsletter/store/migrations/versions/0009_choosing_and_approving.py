"""What each variant brings, who approved what, and newsletters that pause

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE slot RENAME COLUMN local_date TO key")
    op.add_column("issue", sa.Column("slot_at", sa.BigInteger()))
    op.add_column("issue", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE issue SET slot_at = due_at, number = rowid")
    for table, name, default in (
        ("issue", "approval_hash", ""),
        ("issue_article", "reason", ""),
    ):
        op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=default))
    for table, name, default in (
        ("issue", "pool", "{}"),
        ("issue", "manifest", "{}"),
        ("variant", "articles", "[]"),
        ("variant", "waiting", "[]"),
    ):
        op.add_column(table, sa.Column(name, sa.JSON(), nullable=False, server_default=default))
    # Until now an issue had one variant, which brought all that the issue carried.
    op.execute(
        "UPDATE variant SET articles = (SELECT json_group_array(article_id) FROM (SELECT article_id "
        "FROM issue_article WHERE issue_id = variant.issue_id AND fate = 'carried' ORDER BY position))"
    )
    op.create_table(
        "newsletter_pause",
        sa.Column("newsletter", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("newsletter", name="pk_newsletter_pause"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "approval",
        sa.Column("issue_id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "hash", name="pk_approval"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("approval")
    op.drop_table("newsletter_pause")
    for table, name in (
        ("variant", "waiting"),
        ("variant", "articles"),
        ("issue_article", "reason"),
        ("issue", "manifest"),
        ("issue", "pool"),
        ("issue", "approval_hash"),
        ("issue", "slot_at"),
        ("issue", "number"),
    ):
        op.drop_column(table, name)
    op.execute("ALTER TABLE slot RENAME COLUMN key TO local_date")
