"""Who chose no frequency has none

Revision 0010, after 0009.

Until now everybody had `each`, and nothing was sent by it. Who went back to it after another one, as the consent
log tells, chose it and keeps it. SQLite cannot change a default, so the table is made anew; and its index holds
all that tells whom an issue is for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEX = "ix_subscription_audience"
_NARROW = ["newsletter", "status", "subscriber_id", "paused_until"]
_CHOSE_EACH = """
SELECT here.subscriber_id, json_extract(said.said, '$.newsletter')
FROM consent AS here JOIN consent_detail AS said ON said.consent_id = here.id
WHERE instr(said.said, '"frequency":"each"') AND instr(said.said, '"action":"changed"') AND EXISTS (
    SELECT 1 FROM consent AS before JOIN consent_detail AS had ON had.consent_id = before.id
    WHERE before.subscriber_id = here.subscriber_id AND before.id < here.id
    AND (instr(had.said, '"frequency":"daily"') OR instr(had.said, '"frequency":"weekly"'))
    AND json_extract(had.said, '$.newsletter') = json_extract(said.said, '$.newsletter'))
"""
_CHOSEN = f"""
CASE WHEN frequency <> 'each' OR (subscriber_id, newsletter) IN ({_CHOSE_EACH}) THEN frequency ELSE '' END
"""
_COPY = """
INSERT INTO subscription_anew
SELECT subscriber_id, newsletter, status, since, paused_until, FREQUENCY, topics
FROM subscription ORDER BY subscriber_id, newsletter
"""


def upgrade() -> None:
    _anew("", _CHOSEN, [*_NARROW, "frequency", "topics", "since"])
    op.execute("UPDATE wish SET frequency = '' WHERE frequency = 'each'")


def downgrade() -> None:
    op.execute("UPDATE wish SET frequency = 'each' WHERE frequency = ''")
    _anew("each", "CASE frequency WHEN '' THEN 'each' ELSE frequency END", _NARROW)


def _anew(default: str, frequency: str, index: list[str]) -> None:
    op.create_table(
        "subscription_anew",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("newsletter", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("frequency", sa.String(), server_default=default, nullable=False),
        sa.Column("topics", sa.JSON(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_subscription_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "newsletter", name="pk_subscription"),
        sqlite_with_rowid=False,
    )
    op.execute(_COPY.replace("FREQUENCY", frequency))
    op.drop_table("subscription")
    op.rename_table("subscription_anew", "subscription")
    op.create_index(_INDEX, "subscription", index)
