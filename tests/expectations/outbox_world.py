"""A good outbox of three messages, with what each claim must say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from expectations.requests import OutboxRequest

AS_OF = date(2026, 8, 26)
STOP = "https://loopwise.example/stop"
ADDRESS = "Loopwise GmbH, King's Road 4, Berlin"


@dataclass
class OutboxWorld:
    """The file and what the night would ask about it."""

    database: Path
    request: OutboxRequest

    def sql(self, statement: str, values: list[object] | None = None) -> None:
        """Changes the outbox."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(statement, values or [])


def outbox_world(folder: Path) -> OutboxWorld:
    """Three messages to three people, all of them fine."""
    request = OutboxRequest(
        folder / "outbox.duckdb",
        AS_OF,
        3,
        (f"{STOP}?a=1&m=", "mailto:stop@loopwise.example"),
        ADDRESS,
        ("loopwise.example",),
    )
    world = OutboxWorld(request.database, request)
    world.sql(
        """create table outbox (message_id varchar, campaign varchar, email varchar, account_id varchar,
           language varchar, subject varchar, text varchar, html varchar, claims_json varchar)"""
    )
    world.sql("create table expected (message_id varchar, name varchar, kind varchar, value varchar, unit varchar)")
    world.sql("create table recipients (message_id varchar, email varchar)")
    world.sql("create table literals (campaign varchar, language varchar, numbers varchar[], addresses varchar[])")
    world.sql("insert into literals values ('slipping_note', 'en', ['4'], ['stop@loopwise.example'])")
    world.sql("create table offers (campaign varchar, valid_from date, valid_to date)")
    world.sql("create table suppressions (email varchar)")
    world.sql("insert into suppressions values ('gone@example.org'), (null)")
    for number, name in enumerate(("Ann", "Bo", "Cleo"), start=1):
        text = (
            f"Hello {name},\n\nNone of your colleagues has been here for 1,00{number} days; you pay €1,234.50 until "
            f"26 December 2026.\n\nStop these mails: {STOP}?a=1&m={number}\nLoopwise GmbH\nKing's Road 4\nBerlin\n"
        )
        html = (
            "<html><head><style>p { display: none } {{</style></head><body><!-- null --><p>Hello "
            f"<b>{name}</b>,</p><p>too quiet</p><a href='{STOP}?a=1&amp;m={number}'>Stop</a>"
            "<p>Loopwise GmbH<br>King&#39;s Road 4<br>Berlin</p></body></html>"
        )
        claims = {
            "first_name": ("text", name, name),
            "days": ("number", f"{1000 + number}.0", f"1,00{number}"),
            "mrr": ("money", "123450", "€1,234.50"),
            "ends": ("day", "2026-12-26", "26 December 2026"),
            "sign": ("words", "quiet", "too quiet"),
        }
        said = {claim: {"raw": raw, "shown": shown} for claim, (_, raw, shown) in claims.items()}
        email = f"{name.lower()}@example.org"
        row = [f"m{number}", "slipping_note", email, f"a{number}", "en", "A note", text, html, json.dumps(said)]
        world.sql("insert into outbox values (?, ?, ?, ?, ?, ?, ?, ?, ?)", list(row))
        for claim, (kind, raw, _) in claims.items():
            unit = {"money": "€", "words": "too quiet"}.get(kind)
            world.sql("insert into expected values (?, ?, ?, ?, ?)", [f"m{number}", claim, kind, raw, unit])
        world.sql("insert into recipients values (?, ?)", [f"m{number}", email])
    return world


def claim(name: str, raw: str | None, shown: str | None) -> str:
    """SQL that sets one claim of a message and leaves the text as it is."""
    return "claims_json = '" + json.dumps({name: {"raw": raw, "shown": shown}}).replace("'", "''") + "'"
