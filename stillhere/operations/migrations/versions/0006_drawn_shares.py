"""an arm keeps the shares that were held out when it was drawn

Revision ID: 0006
Revises: 0005

Of arms drawn before nothing is known: they are compared among themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SHARES = ("holdout_share", "universal_share")


def upgrade() -> None:
    for share in SHARES:
        op.add_column("assignments", sa.Column(share, sa.Float()))


def downgrade() -> None:
    for share in SHARES:
        op.drop_column("assignments", share)
