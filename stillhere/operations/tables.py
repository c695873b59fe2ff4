"""The tables of the operations database. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# Names that Alembic can find again on both engines.
NAMES = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"}

metadata = MetaData(naming_convention=NAMES)

# Every DateTime is UTC without a zone: SQLite keeps none, and two kinds of time in one table would be a trap.

night_runs = Table(
    "night_runs",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("as_of", Date, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("mode", String(8), nullable=False),  # preview | live
    Column("kind", String(8), nullable=False),  # night | send | train
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime),
    Column("state", String(8), nullable=False),  # running | done | held | failed
    Column("steps", JSON, nullable=False),  # [{step, seconds, note}]
    Column("facts", JSON, nullable=False),  # counts that screens show: accounts, flagged, to send …
    Column("message", Text, nullable=False),
)

seals = Table(
    "seals",
    metadata,
    Column("as_of", Date, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("sealed_at", DateTime, nullable=False),
    Column("model_id", String(120)),
    Column("config_hash", String(64), nullable=False),
    Column("loads", JSON, nullable=False),  # [[source, resource, load_id]]
    Column("operations", LargeBinary, nullable=False),  # the rows the night read: gzip of canonical JSON
    Column("scores_digest", String(64), nullable=False),
    Column("decisions_digest", String(64), nullable=False),
    Column("decisions", LargeBinary, nullable=False),  # Parquet
    Column("members", LargeBinary, nullable=False),  # Parquet: segment_members, which the next night leans on
    Column("opened_occasions", LargeBinary, nullable=False),  # Parquet: stored when the night is handed over live
    Column("contents", JSON),  # campaign to the hash of what it said that night; null before there were approvals
)

loads = Table(
    "loads",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("resource", String(64), primary_key=True),
    Column("load_id", String(64), primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("state", String(32), nullable=False),  # accepted | accepted_with_quarantine | not_accepted
    Column("is_accepted", Boolean, nullable=False),
    Column("is_waived", Boolean, nullable=False, default=False),
    Column("row_count", Integer, nullable=False),
    Column("bad_rows", Integer, nullable=False),
    Column("because", JSON, nullable=False),
    Column("judged_at", DateTime, nullable=False),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("resource", String(64), primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("state", String(16), nullable=False),  # ok | late | partial | failed
    Column("row_count", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("cursor_high", String(64)),
    Column("message", Text, nullable=False),
    Column("read_at", DateTime, nullable=False),
)

gate_reports = Table(
    "gate_reports",
    metadata,
    Column("as_of", Date, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("gate", String(16), primary_key=True),
    Column("report", Text, nullable=False),  # JSON of expectations.report.GateReport: counts and ids only
)

occasions = Table(
    "occasions",
    metadata,
    Column("occasion", String(255), primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("account_id", String(255), nullable=False),
    Column("opened_date", Date, nullable=False),
    Column("last_true_date", Date, nullable=False),
    Column("closed_date", Date),
)
Index("ix_occasions_open", occasions.c.campaign, occasions.c.account_id, occasions.c.closed_date)

assignments = Table(
    "assignments",
    metadata,
    Column("campaign", String(64), primary_key=True),  # '*' is the universal holdout
    Column("account_id", String(255), primary_key=True),
    Column("arm", String(32), nullable=False),
    Column("day_zero", Date, nullable=False),
    # What was held out when it was drawn; null where it was not kept yet.
    Column("holdout_share", Float),
    Column("universal_share", Float),
)

contacts_made = Table(
    "contacts_made",
    metadata,
    # Places taken in live nights, held-out accounts included: what caps count.
    Column("campaign", String(64), primary_key=True),
    Column("account_id", String(255), primary_key=True),
    Column("occasion", String(255), primary_key=True),
    Column("email", String(320)),
    Column("as_of", Date, nullable=False, index=True),
    Column("outcome", String(16), nullable=False),  # send | call | holdout
    Column("offer_code", String(64)),
    Column("offer_group", String(64)),
    Column("offer_until", Date),
)

ledger = Table(
    "ledger",
    metadata,
    Column("mode", String(8), primary_key=True),
    Column("message_id", String(32), primary_key=True),
    Column("campaign", String(64), nullable=False),
    Column("person", String(320), nullable=False),
    Column("occasion", String(255), nullable=False),
    Column("account_id", String(255), nullable=False),
    Column("contact_id", String(255)),
    Column("as_of", Date, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    # reserved | handing_over | accepted | refused | unknown | dropped
    Column("status", String(16), nullable=False),
    Column("reserved_at", DateTime, nullable=False),
    Column("handed_over_at", DateTime),
    Column("settled_at", DateTime),
    Column("sender", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("claim", String(32)),  # which attempt has or had it in hand
    Column("batch_id", String(64)),  # the provider's name for what can be called back together
    Column("send_at", DateTime),  # when the provider sends it
    Column("provider_id", String(128)),
    Column("first_missed_at", DateTime),  # by the provider's clock: its log was asked, and did not show the message
    Column("settled_by", String(16)),  # sender | log | webhook | person
    UniqueConstraint("mode", "campaign", "person", "occasion"),
)
Index("ix_ledger_person_night", ledger.c.mode, ledger.c.as_of, ledger.c.person)
Index("ix_ledger_account_night", ledger.c.mode, ledger.c.as_of, ledger.c.account_id)
Index(
    "ix_ledger_doubts",
    ledger.c.mode,
    ledger.c.status,
    sqlite_where=ledger.c.status.in_(["handing_over", "unknown"]),
    postgresql_where=ledger.c.status.in_(["handing_over", "unknown"]),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("email", String(320), primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("since", Date, nullable=False),
    Column("source", String(64), nullable=False),
)

suppression_imports = Table(
    "suppression_imports",
    metadata,
    Column("import_id", String(64), primary_key=True),
    Column("imported_at", DateTime, nullable=False),
    Column("source", String(255), nullable=False),
    Column("addresses", Integer, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("hold_id", String(16), primary_key=True),
    Column("as_of", Date, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("scope", String(16), nullable=False),  # night | campaign | message
    Column("subject", String(255), nullable=False),  # '*', a campaign, or a message id
    Column("rule", String(64), nullable=False),
    Column("words", Text, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("examples", JSON, nullable=False),
    Column("owner", String(16), nullable=False),  # data | marketing | on-call
    Column("created_at", DateTime, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("released_at", DateTime),
    Column("released_because", Text),
)

human_tasks = Table(
    "human_tasks",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("campaign", String(64), primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("outcome", String(32)),  # done | no answer | not a fit
    Column("note", Text),
    Column("called_on", Date),
    Column("imported_at", DateTime),
)

exits = Table(
    "exits",
    metadata,
    Column("account_id", String(255), primary_key=True),
    Column("requested_at", DateTime, primary_key=True),
    Column("effective_at", DateTime),
    Column("reason", String(64)),
    Column("comment", Text),
    Column("offer", String(64)),
    Column("outcome", String(16), nullable=False),  # saved | left | undecided
    # Of imported ones: stillhere/operations/exits.py.
    Column("kind", String(16)),  # voluntary | involuntary; null where the other tool does not say
    Column("may_quote", Boolean),  # null means no
    Column("imported_from", String(255)),  # the file's name
    Column("imported_at", DateTime),
)

mail_events = Table(
    "mail_events",
    metadata,
    # Of message, person, kind, time and link: the provider's own id may change when it tells an event again.
    Column("event_id", String(64), primary_key=True),
    Column("provider", String(16), nullable=False),
    Column("provider_event_id", String(128)),
    Column("message_id", String(64), index=True),  # the ledger's; null until an event of the same mail tells it
    Column("provider_message_id", String(128), index=True),
    Column("smtp_id", String(255), index=True),
    Column("email", String(320), index=True),
    Column("campaign", String(64)),
    Column("kind", String(32), nullable=False),  # the provider's own word: delivered, bounce, spamreport …
    Column("subtype", String(64)),  # of a bounce: bounce | blocked
    Column("reason", Text),
    Column("occurred_at", DateTime, nullable=False),
    Column("received_at", DateTime, nullable=False),
    Column("worked_at", DateTime),  # null: stored, and nothing has followed from it yet
)
Index(
    "ix_mail_events_unworked",
    mail_events.c.received_at,
    sqlite_where=mail_events.c.worked_at.is_(None),
    postgresql_where=mail_events.c.worked_at.is_(None),
)

BAD_KINDS = mail_events.c.kind.in_(["spamreport", "bounce"])
Index("ix_mail_events_bad", mail_events.c.occurred_at, sqlite_where=BAD_KINDS, postgresql_where=BAD_KINDS)

month_closes = Table(
    "month_closes",
    metadata,
    Column("month", Date, primary_key=True),  # its first day
    Column("closed_as_of", Date, nullable=False),  # the night that closed it
    Column("revision", Integer, nullable=False),
    Column("closed_at", DateTime, nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("movements", LargeBinary, nullable=False),  # Parquet: the month's rows of mrr_movements
)

incidents = Table(
    "incidents",
    metadata,
    Column("incident", String(128), primary_key=True),
    Column("opened_at", DateTime, primary_key=True),
    Column("words", Text, nullable=False),
    Column("notified_at", DateTime),
    Column("closed_at", DateTime),
)

pauses = Table(
    "pauses",
    metadata,
    Column("subject", String(64), primary_key=True),  # a campaign, or '*'
    Column("paused_at", DateTime, nullable=False),
    Column("because", Text, nullable=False),
)

# What readers ask for on our own pages: stillhere/operations/stop_requests.py.

stop_requests = Table(
    "stop_requests",
    metadata,
    Column("request_id", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(64), nullable=False, index=True),
    Column("email", String(320), nullable=False, index=True),
    Column("asked", String(32), nullable=False),  # unsubscribed | resubscribed | objected | objection withdrawn
    Column("asked_at", DateTime, nullable=False),
)

# Approvals: what a person has said yes to, before it reached anybody.
approvals = Table(
    "approvals",
    metadata,
    Column("campaign", String(64), primary_key=True),
    Column("content_hash", String(64), primary_key=True),
    Column("approved_at", DateTime, primary_key=True),
    Column("approved_by", String(255), nullable=False),
    Column("horizon_ends", Date, nullable=False),  # the day on which the result is looked at, fixed beforehand
    Column("content", JSON, nullable=False),  # what was approved, word for word
)

# What can be called back at the provider, and the campaigns that complaints or bounces have stopped.

send_batches = Table(
    "send_batches",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("campaign", String(64), nullable=False),
    Column("opened_at", DateTime, nullable=False),
    Column("cancelled_at", DateTime),
)

guard_stops = Table(
    "guard_stops",
    metadata,
    Column("campaign", String(64), primary_key=True),
    Column("stopped_at", DateTime, primary_key=True),
    Column("kind", String(16), nullable=False),  # complaint | bounce
    Column("words", Text, nullable=False),
)

# Who may be turned to: stillhere/operations/stops.py and peace.py.

objections = Table(
    "objections",
    metadata,
    Column("subject", String(320), primary_key=True),  # a normalised address, or an account id
    Column("since", Date, nullable=False),
    Column("source", String(64), nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("erased_on", Date, nullable=False),
)

do_not_disturb = Table(
    "do_not_disturb",
    metadata,
    Column("subject", String(320), primary_key=True),  # an account id, or a normalised address
    Column("until_date", Date, nullable=False),  # the last day on which it holds
    Column("because", Text, nullable=False),
    Column("set_by", String(255), nullable=False),
    Column("set_at", DateTime, nullable=False),
)

# Why they leave: stillhere/operations/exit_answers.py.

exit_answers = Table(
    "exit_answers",
    metadata,
    Column("message_id", String(64), primary_key=True),  # of the goodbye mail: one answer an exit
    Column("account_id", String(255), nullable=False, index=True),
    Column("reason", String(64)),  # an id of goodbye.yml, or something_else
    Column("comment", Text, nullable=False),
    Column("may_quote", Boolean, nullable=False),
    Column("place", Integer),  # where the reason stood in the order that this reader saw, from 1
    Column("language", String(16), nullable=False),
    Column("answered_at", DateTime, nullable=False),  # for the first time
    Column("changed_at", DateTime, nullable=False),
)

# Loads that hand-over 1 refused and a person took as they are: stillhere/operations/load_acceptances.py.

load_acceptances = Table(
    "load_acceptances",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("resource", String(64), primary_key=True),
    Column("load_id", String(64), primary_key=True),
    Column("as_of", Date, nullable=False),  # the night that refused it
    Column("rules", JSON, nullable=False),  # what it was refused for
    Column("row_count", Integer, nullable=False),
    Column("accepted_by", String(255), nullable=False),
    Column("accepted_because", Text, nullable=False),
    Column("accepted_at", DateTime, nullable=False),
)
