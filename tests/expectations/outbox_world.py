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
ADDRESS = "Loopwise GmbH, Lindenstraße 4, 10969 Berlin"


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
    request = OutboxRequest(folder / "outbox.duckdb", AS_OF, 3, (f"{STOP}?", "mailto:stop@loopwise.example"), ADDRESS)
    world = OutboxWorld(request.database, request)
    world.sql(
        """create table outbox (message_id varchar, campaign varchar, email varchar, account_id varchar,
           language varchar, subject varchar, text varchar, html varchar, values_json varchar)"""
    )
    world.sql("create table expected (message_id varchar, name varchar, value varchar)")
    world.sql("create table suppressions (email varchar)")
    world.sql("insert into suppressions values ('gone@example.org'), (null)")
    for number, name in enumerate(("Ann", "Bo", "Cleo"), start=1):
        text = (
            f"Hello {name},\n\nNone of your colleagues has been here for {number}.5 weeks.\n\n"
            f"Stop these mails: {STOP}?m={number}\nLoopwise GmbH\nLindenstraße 4\n10969 Berlin\n"
        )
        html = (
            "<html><head><style>p { display: none } {{</style></head><body><!-- null --><p>Hello "
            f"<b>{name}</b>,</p><p>nothing for {number}.5 weeks</p><a href='{STOP}?m={number}'>Stop</a>"
            "<p>Loopwise GmbH<br>Lindenstraße 4<br>10969 Berlin</p></body></html>"
        )
        said = {"first_name": name, "days_silent": number, "share": number / 3, "ends": "2026-12-31"}
        email = f"{name.lower()}@example.org"
        row = [f"m{number}", "slipping_note", email, f"a{number}", "en", "A note", text, html, json.dumps(said)]
        world.sql("insert into outbox values (?, ?, ?, ?, ?, ?, ?, ?, ?)", list(row))
        for claim, value in said.items():
            world.sql("insert into expected values (?, ?, ?)", [f"m{number}", claim, str(value)])
    return world
