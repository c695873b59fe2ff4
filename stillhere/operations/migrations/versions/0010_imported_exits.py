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

COLUMNS = {
    "kind": sa.String(length=16),
    "may_quote": sa.Boolean(),
    "imported_from": sa.String(length=255),
    "imported_at": sa.DateTime(),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("exits", sa.Column(name, kind))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("exits", name)
