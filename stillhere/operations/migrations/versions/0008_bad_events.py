"""complaints and bounces are found without reading every event

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BAD_KINDS = sa.text("kind IN ('spamreport', 'bounce')")


def upgrade() -> None:
    op.create_index(
        "ix_mail_events_bad", "mail_events", ["occurred_at"], sqlite_where=BAD_KINDS, postgresql_where=BAD_KINDS
    )


def downgrade() -> None:
    op.drop_index("ix_mail_events_bad", "mail_events")
