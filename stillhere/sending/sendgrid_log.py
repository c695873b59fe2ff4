"""SendGrid's log (`POST /v3/logs`): at most 1,000 messages an answer, no pages, and no asking for our own arguments.

So it is walked by time, halving what is full, and then asked person by person; whose message an entry is stands only in
`GET /v3/logs/{id}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from stillhere.sending.senders import LogAnswer, ProviderError, Wanted
from stillhere.sending.sendgrid_client import SendGridClient

MOST_A_QUERY = 1_000
FEW = 20
"""Fewer than this are asked for one by one: that takes no more questions than a walk."""
CLOCKS_DIFFER = timedelta(hours=2)
"""How far the walk looks beyond our own times. What a clock that is further out hides is found by asking for it."""
SHORTEST = timedelta(seconds=1)
STAYED = frozenset({"dropped"})


class SendGridLog:
    """The log of one company's account."""

    def __init__(self, client: SendGridClient) -> None:
        self._client = client

    def find(self, wanted: Sequence[Wanted], *, each: bool) -> LogAnswer:
        """Looks for messages; `each` asks for every one that a walk by time does not find. Raises ProviderError."""
        search = _Search(self._client, {one.message_id: one for one in wanted})
        enough = len(wanted) >= FEW and search.walk()
        if each or not enough:
            search.ask_for_each()
        return LogAnswer(search.left, search.stayed, frozenset(search.missed), search.asked_at)


class _Search:
    """What was found so far, and who is still looked for."""

    def __init__(self, client: SendGridClient, wanted: Mapping[str, Wanted]) -> None:
        self._client = client
        self._wanted = wanted
        self._seen: set[str] = set()
        self.left: dict[str, str] = {}
        self.stayed: dict[str, str] = {}
        self.missed: set[str] = set()
        self.asked_at: datetime | None = None

    def walk(self) -> bool:
        """Looks through the time of the hand-overs; False when some second holds more than an answer can."""
        times = [one.handed_over_at for one in self._wanted.values()]
        ends = [(min(times) - CLOCKS_DIFFER, max(times) + CLOCKS_DIFFER)]
        whole = True
        while ends:
            since, until = ends.pop()
            found = self._query(f"sg_message_id_created_at >= {_at(since)} AND sg_message_id_created_at < {_at(until)}")
            if len(found) == MOST_A_QUERY and until - since > SHORTEST:
                middle = since + timedelta(seconds=max(1, int((until - since).total_seconds() / 2)))
                ends += [(since, middle), (middle, until)]
                continue
            whole = whole and len(found) < MOST_A_QUERY
            self._look_into(found)
        return whole

    def ask_for_each(self) -> None:
        """Asks for everybody who is still looked for by address, without regard to time."""
        for one in list(self._looked_for()):
            if '"' in one.email or "\\" in one.email:
                continue  # the log's language can't say it: a person looks
            found = self._query(f'to_email = "{one.email}"')
            self._look_into(found)
            if len(found) < MOST_A_QUERY and not self._is_found(one.message_id):
                self.missed.add(one.message_id)

    def _look_into(self, found: Sequence[Mapping[str, Any]]) -> None:
        emails = {one.email for one in self._looked_for()}
        for entry in found:
            if entry["sg_message_id"] not in self._seen and str(entry["to_email"]).lower() in emails:
                self._seen.add(entry["sg_message_id"])
                self._look_at(entry)

    def _look_at(self, entry: Mapping[str, Any]) -> None:
        whole = self._client.ask("GET", f"logs/{quote(entry['sg_message_id'], safe='')}").body
        message_id = str((whole.get("custom_args") or {}).get("message_id"))
        if message_id not in self._wanted:
            return
        if whole.get("status") in STAYED:
            reasons = [event.get("reason") for event in whole.get("events", []) if event.get("reason")]
            self.stayed[message_id] = f"the provider let it go: {str(reasons[-1]).strip() if reasons else 'dropped'}"
        else:
            self.left[message_id] = f"the provider's log: {whole.get('status')}"

    def _query(self, query: str) -> list[Mapping[str, Any]]:
        answer = self._client.ask("POST", "logs", {"query": query, "limit": MOST_A_QUERY})
        self.asked_at = self.asked_at or answer.at
        if not isinstance(answer.body, dict) or "messages" not in answer.body:
            raise ProviderError("SendGrid's log gave no list of messages; nothing was changed, ask again later")
        found: list[Mapping[str, Any]] = answer.body["messages"]
        return found

    def _looked_for(self) -> Iterator[Wanted]:
        return (one for one in self._wanted.values() if not self._is_found(one.message_id))

    def _is_found(self, message_id: str) -> bool:
        return message_id in self.left or message_id in self.stayed


def _at(moment: datetime) -> str:
    return f'TIMESTAMP "{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"'
