"""what readers ask for on our pages, and the mail provider's events with all that follows from them

Revision ID: 0003
Revises: 0002

No version ever wrote a row into mail_events.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXED = ("email", "message_id", "provider_message_id", "smtp_id")


def upgrade() -> None:
    op.create_table(
        "stop_requests",
        sa.Column("request_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("asked", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_stop_requests")),
    )
    op.create_index(op.f("ix_stop_requests_email"), "stop_requests", ["email"])
    op.create_index(op.f("ix_stop_requests_message_id"), "stop_requests", ["message_id"])
    op.drop_table("mail_events")
    op.create_table(
        "mail_events",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("provider_event_id", sa.String(length=128), nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("provider_message_id", sa.String(length=128), nullable=True),
        sa.Column("smtp_id", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("campaign", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subtype", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("worked_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_mail_events")),
    )
    for column in INDEXED:
        op.create_index(op.f(f"ix_mail_events_{column}"), "mail_events", [column])
    unworked = sa.text("worked_at IS NULL")
    op.create_index(
        "ix_mail_events_unworked",
        "mail_events",
        ["received_at"],
        sqlite_where=unworked,
        postgresql_where=unworked,
    )


def downgrade() -> None:
    op.drop_table("mail_events")
    op.create_table(
        "mail_events",
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_mail_events")),
    )
    op.drop_table("stop_requests")
