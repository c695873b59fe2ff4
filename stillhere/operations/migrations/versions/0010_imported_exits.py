"""exits that another tool has recorded

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAMES = ("kind", "may_quote", "imported_from", "imported_at")


def upgrade() -> None:
    op.add_column("exits", sa.Column("kind", sa.String(length=16)))
    op.add_column("exits", sa.Column("may_quote", sa.Boolean()))
    op.add_column("exits", sa.Column("imported_from", sa.String(length=255)))
    op.add_column("exits", sa.Column("imported_at", sa.DateTime()))


def downgrade() -> None:
    for name in NAMES:
        op.drop_column("exits", name)
