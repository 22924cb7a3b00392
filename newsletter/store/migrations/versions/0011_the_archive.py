"""Deliveries of long ago, packed

Revision 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive",
        sa.Column("issue_id", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("lowest_id", sa.Integer(), nullable=False),
        sa.Column("highest_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "last", name="pk_archive"),
    )
    op.create_index("ix_archive_ids", "archive", ["lowest_id", "highest_id"])
    op.create_table(
        "archive_count",
        sa.Column("issue_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "state", name="pk_archive_count"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    # What is packed would be lost, and readers would get old articles again: it is to be unpacked first.
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM archive").scalar():
        raise RuntimeError("the archive holds deliveries: an older version cannot read them")
    op.drop_table("archive_count")
    op.drop_table("archive")
