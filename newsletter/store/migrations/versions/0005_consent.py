"""Consent, and how a person wants their mail

Revision 0005, after 0004.

What was agreed is a chain that nobody can rewrite unseen. What is personal in it stands beside it, so that it
can be taken away and the chain still holds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEPT = ("consent", "consent_form")  # neither changed nor deleted
_TRIGGERS = (
    *(
        f"CREATE TRIGGER {table}_is_not_{done} BEFORE {word} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        for table in _KEPT
        for done, word in (("changed", "UPDATE"), ("deleted", "DELETE"))
    ),
    "CREATE TRIGGER consent_detail_is_not_changed BEFORE UPDATE ON consent_detail "
    "BEGIN SELECT RAISE(ABORT, 'consent_detail is only added to and erased'); END",
    # Also what keeps REPLACE out, which deletes without asking a trigger.
    "CREATE TRIGGER consent_is_in_order BEFORE INSERT ON consent "
    "WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM consent) "
    "BEGIN SELECT RAISE(ABORT, 'consent is only added to'); END",
)


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("attributes", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("subscription", sa.Column("paused_until", sa.BigInteger(), nullable=True))
    op.add_column("subscription", sa.Column("frequency", sa.String(), server_default="each", nullable=False))
    op.add_column("subscription", sa.Column("topics", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("suppression", sa.Column("until", sa.BigInteger(), nullable=True))
    op.add_column("issue", sa.Column("segment", sa.String(), server_default="", nullable=False))
    op.drop_index("ix_subscription_audience", "subscription")
    op.create_index(
        "ix_subscription_audience", "subscription", ["newsletter", "status", "subscriber_id", "paused_until"]
    )
    _consent()
    for trigger in _TRIGGERS:
        op.execute(trigger)


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_subscriber_id", "consent", ["subscriber_id"])
    op.create_table(
        "consent_detail",
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", name="pk_consent_detail"),
    )
    op.create_table(
        "consent_form",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_consent_form"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("consent_form", "consent_detail", "consent"):
        op.drop_table(table)
    op.drop_index("ix_subscription_audience", "subscription")
    op.create_index("ix_subscription_audience", "subscription", ["newsletter", "status", "subscriber_id"])
    op.drop_column("issue", "segment")
    op.drop_column("suppression", "until")
    for column in ("topics", "frequency", "paused_until"):
        op.drop_column("subscription", column)
    op.drop_column("subscriber", "attributes")
