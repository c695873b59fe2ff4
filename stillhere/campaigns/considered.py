"""Puts what is known beside each candidate: account, stops, past contacts, offers, the window that is open."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from stillhere.campaigns.facts import EVERYTHING, Facts, Rules, normalised, that_took_place
from stillhere.campaigns.window import open_window, place_of, send_day
from stillhere.operations.peace import address_hash
from stillhere.settings import Campaign
from stillhere.settings.company import CampaignLimits


def with_facts(candidates: pl.DataFrame, facts: Facts, rules: Rules, as_of: date) -> pl.DataFrame:
    """Candidates with everything the tests read beside them, in the order in which places are given out.

    Highest priority first, then what is most worth (value at stake, then yearly value).
    """
    rows = candidates.join(_campaign_facts(rules), on="campaign")
    # Our own people are no customers: what reaches an owner counts for the account only.
    address = pl.when("is_to_owner").then(pl.lit(None, dtype=pl.String)).otherwise(pl.col("email"))
    rows = rows.with_columns(
        person=address.str.strip_chars().str.to_lowercase().fill_null(pl.format("account:{}", "account_id")),
        is_paused=pl.lit(EVERYTHING in facts.paused) | pl.col("campaign").is_in(sorted(facts.paused)),
    )
    rows = rows.join(_account_facts(facts.accounts), on="account_id", how="left")
    rows = _with_stops(rows, facts, send_day(as_of))
    history = that_took_place(facts.history.filter(pl.col("as_of") < as_of), facts.calls, as_of)
    rows = _with_history(rows, history, rules.limits, as_of)
    rows = _with_offers(rows, history, facts.redemptions, send_day(as_of))
    rows = _with_windows(rows, rules, as_of)
    order = ["priority", "campaign", "value_at_stake_minor", "value_minor", "account_id", "contact_rank"]
    order += ["contact_id", "email"]
    down = ("priority", "value_at_stake_minor", "value_minor")
    return rows.sort(order, descending=[name in down for name in order], nulls_last=True)


def _campaign_facts(rules: Rules) -> pl.DataFrame:
    def row(one: Campaign) -> dict[str, object]:
        offer = rules.offers.get(one.offer)
        return {
            "campaign": one.id,
            "is_mail": one.what == "mail",
            "is_to_owner": one.to == "owner",
            "is_marketing": one.marketing and one.to != "owner",
            "is_profiling": one.id in rules.profiling or one.marketing,
            "priority": one.priority,
            "again_after_days": one.again_after_days,
            "offer": offer.id if offer else None,
            "offer_group": offer.stacking_group if offer else None,
            "offer_from": offer.from_date if offer else None,
            "offer_until": offer.until_date if offer else None,
            "once_in_months": offer.once_in_months if offer else None,
        }

    schema = {
        "campaign": pl.String,
        "is_mail": pl.Boolean,
        "is_to_owner": pl.Boolean,
        "is_marketing": pl.Boolean,
        "is_profiling": pl.Boolean,
        "priority": pl.Int32,
        "again_after_days": pl.Int32,
        "offer": pl.String,
        "offer_group": pl.String,
        "offer_from": pl.Date,
        "offer_until": pl.Date,
        "once_in_months": pl.Int32,
    }
    return pl.DataFrame([row(one) for one in rules.live], schema=schema)


def _account_facts(accounts: pl.DataFrame) -> pl.DataFrame:
    def column(name: str, kind: type[pl.DataType]) -> pl.Expr:
        return pl.col(name).cast(kind) if name in accounts.columns else pl.lit(None, dtype=kind).alias(name)

    return accounts.select(
        "account_id",
        is_internal=pl.col("is_internal").cast(pl.Boolean),
        tenure_days=pl.col("tenure_days").cast(pl.Int64),
        last_talked_date=pl.col("last_talked_date").cast(pl.Date),
        open_tickets=pl.col("open_tickets").cast(pl.Int64),
        value_minor=pl.col("value_minor").cast(pl.Int64).fill_null(0),
        value_at_stake_minor=column("value_at_stake_minor", pl.Int64).fill_null(0),
        days_since_left=column("days_since_left", pl.Int64),
        country=column("country", pl.String),
        account_timezone=column("timezone", pl.String),
    )


def _with_stops(rows: pl.DataFrame, facts: Facts, day: date) -> pl.DataFrame:
    stops = facts.suppressions.select(person=normalised("email"), reason="reason")
    stops = stops.group_by("person").agg(suppressed_reason=pl.col("reason").sort().first().fill_null("stopped"))
    rows = rows.join(stops, on="person", how="left")
    objectors = [one.strip().lower() for one in facts.objections["subject"] if "@" in one]
    rows = rows.with_columns(
        has_objected=pl.col("person").is_in(objectors) | pl.col("account_id").is_in(sorted(facts.objected)),
        is_erased=_erased(rows, facts.erasures),
    )
    quiet = facts.quiet.filter(pl.col("until_date") >= day).sort("until_date", "because", "set_by", nulls_last=True)
    # Who is set twice is left in peace until the later day.
    quiet = quiet.unique("subject", keep="last", maintain_order=True)
    words = pl.format("until {}: {}", pl.col("until_date").dt.to_string("%Y-%m-%d"), "because")
    told = quiet.select("subject", quiet_words=words)
    rows = rows.join(told, left_on="account_id", right_on="subject", how="left")
    rows = rows.join(told.rename({"quiet_words": "quiet_person"}), left_on="person", right_on="subject", how="left")
    return rows.with_columns(quiet_words=pl.coalesce("quiet_words", "quiet_person")).drop("quiet_person")


def _erased(rows: pl.DataFrame, erasures: pl.DataFrame) -> pl.Expr:
    if erasures.is_empty():
        return pl.lit(value=False)
    known = set(erasures["address_hash"])
    found = [person for person in rows["person"].unique().to_list() if address_hash(person) in known]
    return pl.col("person").is_in(found)


def _with_history(rows: pl.DataFrame, history: pl.DataFrame, limits: CampaignLimits, as_of: date) -> pl.DataFrame:
    past = history.with_columns(person=normalised("email").fill_null(pl.format("account:{}", "account_id")))
    occasion = ["campaign", "account_id", "occasion"]
    done = past.filter(pl.col("occasion").is_not_null()).group_by(occasion).agg(done_date=pl.col("as_of").max())
    rows = rows.join(done, on=occasion, how="left")
    before = past.group_by("campaign", "account_id").agg(last_contact_date=pl.col("as_of").max())
    rows = rows.join(before, on=["campaign", "account_id"], how="left")
    for who, key in (("person", "person"), ("account", "account_id")):
        for cap in limits.caps:
            recent = past.filter(pl.col("as_of") > as_of - timedelta(days=cap.days))
            counted = recent.group_by(key).agg(pl.len().cast(pl.Int64).alias(f"{who}_contacts_{cap.days}"))
            rows = rows.join(counted, on=key, how="left")
    return rows


def _with_offers(rows: pl.DataFrame, history: pl.DataFrame, redemptions: pl.DataFrame, day: date) -> pl.DataFrame:
    """Beside each candidate: the offer of the same group that its account still has, and when it last had one."""
    key = ["account_id", "offer_group"]
    made = history.filter(pl.col("offer_group").is_not_null())
    taken = made.join(redemptions, on=["account_id", "offer_code"], how="left").with_columns(
        is_taken=(pl.col("redeemed_date") >= pl.col("as_of")).fill_null(value=False)
    )
    still = taken.filter(~pl.col("is_taken") & (pl.col("offer_until") >= day))
    # One row of an offer may meet several redemptions: any of them closes it.
    closed = taken.filter("is_taken").select("account_id", "offer_code", "as_of").unique()
    still = still.join(closed, on=["account_id", "offer_code", "as_of"], how="anti").sort("offer_until", "offer_code")
    open_offers = still.group_by(key).agg(
        open_offer_code=pl.col("offer_code").last(), open_offer_until=pl.col("offer_until").last()
    )
    last = pl.max_horizontal("as_of", pl.when("is_taken").then("redeemed_date"))
    dates = taken.group_by(key).agg(last_offer_date=last.max())
    return rows.join(open_offers, on=key, how="left").join(dates, on=key, how="left")


def _with_windows(rows: pl.DataFrame, rules: Rules, as_of: date) -> pl.DataFrame:
    """The open window of each candidate. There are few places and campaigns, so each pair is looked up once."""
    key = ["campaign", "zone", "locale", "country"]
    rows = rows.with_columns(zone=pl.coalesce("timezone", "account_timezone"))
    campaigns = {one.id: one for one in rules.live}
    found = []
    for campaign, zone, locale, country in rows.select(key).unique().sort(key).iter_rows():
        place = place_of(zone, locale, country, rules.company)
        window = open_window(campaigns[campaign], rules.company, place, as_of)
        found.append((campaign, zone, locale, country, window.opens_at, window.closes_at, window.words))
    moment = pl.Datetime("us", "UTC")
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(key, pl.String),
        "send_at": moment,
        "send_until": moment,
        "window_words": pl.String,
    }
    windows = pl.DataFrame(found, schema=schema, orient="row")
    return rows.join(windows, on=key, how="left", nulls_equal=True)
