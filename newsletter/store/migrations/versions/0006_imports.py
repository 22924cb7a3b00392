"""What an import did, so that it can be taken back; which files were synced

Revision 0006, after 0005.

A row of import_change says how a known person stood before an import changed them. Of people whom an import
brought, a mark of what it said of them is enough: who still has it was not changed by anybody since.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_run", sa.Column("newsletters", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("import_run", sa.Column("format", sa.String(), server_default="", nullable=False))
    op.add_column("import_run", sa.Column("undone_at", sa.BigInteger(), nullable=True))
    op.add_column("subscriber", sa.Column("import_mark", sa.LargeBinary(), nullable=True))
    op.create_table(
        "import_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_import_change_import_id"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name="fk_import_change_subscriber_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_import_change"),
    )
    op.create_index("ix_import_change_subscriber_id", "import_change", ["subscriber_id"])
    op.create_table(
        "sync_file",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("synced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_sync_file"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("sync_file")
    op.drop_table("import_change")
    op.drop_column("subscriber", "import_mark")
    for column in ("undone_at", "format", "newsletters"):
        op.drop_column("import_run", column)
