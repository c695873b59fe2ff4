"""Whom a campaign turns to."""

from __future__ import annotations

import polars as pl
import pytest

from stillhere.campaigns.candidates import People, build_candidates
from tests.stillhere.campaigns.world import campaign, contacts, wide

WIDE = wide([{"account_id": "1", "champion_contact_id": "c"}])
OCCASION = pl.DataFrame([{"campaign": "note", "account_id": "1", "occasion": "note:1:2026-03-03"}])


def person(contact_id: str, role: str | None, **changes):
    return {"contact_id": contact_id, "account_id": "1", "email": f"{contact_id}@x.example", "role": role, **changes}


def turned_to(to: str, *people):
    found = build_candidates([campaign("note", to=to)], OCCASION, People(contacts(*people), WIDE))
    return found["contact_id"].to_list()


def test_the_known_champion_comes_before_others_with_that_role() -> None:
    assert turned_to("champion", person("a", "champion"), person("c", "user")) == ["c", "a"]


@pytest.mark.parametrize(
    ("to", "expected"), [("billing", ["b"]), ("admin", ["a"]), ("champion", ["c"]), ("owner", [None])]
)
def test_each_role_is_found(to, expected) -> None:
    assert turned_to(to, person("a", "admin"), person("b", "billing"), person("c", "champion")) == expected


def test_the_admin_stands_in_for_a_missing_billing_contact() -> None:
    assert turned_to("billing", person("a", "admin"), person("c", "champion")) == ["a"]


def test_who_has_left_or_has_no_address_is_not_turned_to() -> None:
    gone = person("a", "admin", is_active=False)
    no_address = person("b", "admin", email=None)
    assert turned_to("admin", gone, no_address) == [None]


def test_an_admin_who_is_also_the_champion_is_still_the_admin() -> None:
    assert turned_to("admin", person("c", "admin")) == ["c"]


def test_without_recorded_roles_everybody_may_be_turned_to() -> None:
    assert turned_to("billing", person("a", None)) == ["a"]
    assert turned_to("admin", person("a", None), person("c", None)) == ["c", "a"]


def test_nobody_stands_in_for_an_admin() -> None:
    assert turned_to("admin", person("c", "champion")) == [None]


def test_the_owner_is_reached_at_the_address_of_the_account() -> None:
    found = build_candidates([campaign("note", to="owner")], OCCASION, People(contacts(), WIDE))
    assert found["email"].to_list() == ["owner@loopwise.example"]
