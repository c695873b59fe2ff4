"""Whether mail of the sender's domain is believed: SPF, DKIM and DMARC, as its DNS states them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillhere.doctor.checks import Check, State
from stillhere.settings import Settings

if TYPE_CHECKING:
    from dns.resolver import Resolver

WHAT = "mail domain"
SELECTORS = ("s1", "s2", "default", "mail", "google", "selector1", "k1")
"""Where keys usually lie: SendGrid, common servers, Google, Microsoft, Mailchimp. A selector is in no other record."""
SECONDS = 5
WEAK_POLICY = "none"
MOST_LOOKUPS = 10
"""RFC 7208, 4.6.4: more lookups, and receivers treat the record as broken."""
LOOKUP_TERM = re.compile(r"[-+~?]?((a|mx|ptr)([:/]|$)|(include|exists):|redirect=)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """Texts of a name, empty where it has none; `problem` when nobody answered."""

    texts: tuple[str, ...] = ()
    problem: str = ""


def check_mail_domain(settings: Settings, resolver: Resolver | None = None) -> Iterator[Check]:
    """Looks up the domain of `sender.email`. `resolver` asks; the machine's own unless one is given.

    With the `files` sender, and where DNS does not answer, what is missing is only worth knowing.
    """
    email = settings.company.sender.email
    domain = email.rpartition("@")[2].lower() if email and "@" in email else ""
    if not domain:
        return
    reader = _Records(resolver or _own_resolver())
    state: State = "note" if settings.environment.sender == "files" else "problem"
    found = reader.texts(domain)
    if found.problem:
        yield Check(WHAT, "note", f"{domain}: {found.problem}", "SPF, DKIM and DMARC could not be looked at")
        return
    yield _spf(domain, found.texts, state)
    yield _dkim(domain, reader, settings.company.sender.dkim_selectors, state)
    yield _dmarc(domain, reader, state)


class _Records:
    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def texts(self, name: str) -> Answer:
        """The TXT records of a name, each joined from its parts."""
        import dns.exception
        import dns.resolver

        try:
            answer = self._resolver.resolve(name, "TXT")
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Answer()
        except (dns.exception.DNSException, OSError) as error:
            return Answer(problem=f"DNS did not answer ({type(error).__name__})")
        return Answer(tuple(b"".join(row.strings).decode("utf-8", "replace") for row in answer))


def _own_resolver() -> Resolver:
    import dns.resolver

    resolver = dns.resolver.Resolver()
    resolver.lifetime = SECONDS
    return resolver


def _spf(domain: str, texts: tuple[str, ...], state: State) -> Check:
    records = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        return Check(WHAT, state, f"{domain} has no SPF record", "publish the TXT record your mail provider names")
    if len(records) > 1:
        words = f"{domain} has {len(records)} SPF records, and receivers then trust none"
        return Check(WHAT, state, words, "join them into one")
    terms = records[0].split()[1:]
    if any(term.lower() in ("+all", "all") for term in terms):
        return Check(
            WHAT, state, f"{domain}: SPF ends with +all: everybody may send as you", "end it with ~all or -all"
        )
    lookups = sum(LOOKUP_TERM.match(term) is not None for term in terms)
    if lookups > MOST_LOOKUPS:
        return Check(WHAT, state, f"{domain}: SPF asks for {lookups} lookups, 10 are allowed", "take includes out")
    return Check(WHAT, "fine", f"{domain}: SPF is there")


def _dkim(domain: str, reader: _Records, own: tuple[str, ...], state: State) -> Check:
    """A key that is there counts; an empty `p=` is a key that was taken back (RFC 6376, 3.6.1)."""
    wanted = own or SELECTORS
    revoked = []
    for selector in wanted:
        for text in reader.texts(f"{selector}._domainkey.{domain}").texts:
            tags = _tags(text)
            if tags.get("p"):
                return Check(WHAT, "fine", f"{domain}: DKIM key '{selector}' is there")
            if "p" in tags:
                revoked.append(selector)
    if revoked:
        return Check(WHAT, state, f"{domain}: DKIM key '{revoked[0]}' was taken back", "publish a new key")
    asked = ", ".join(wanted)
    words = f"{domain}: no DKIM key under {asked}"
    action = "publish the one your mail provider names; another selector: company.yml, sender.dkim_selectors"
    return Check(WHAT, state if own else "note", words, action)


def _dmarc(domain: str, reader: _Records, state: State) -> Check:
    """The domain's own record, else that of the domain above it (RFC 7489, 6.6.3)."""
    for name in (domain, domain.partition(".")[2]):
        if "." not in name:
            continue
        records = [text for text in reader.texts(f"_dmarc.{name}").texts if text.lower().startswith("v=dmarc1")]
        if len(records) == 1:
            policy = _tags(records[0]).get("p", "").lower()
            if policy in ("quarantine", "reject"):
                return Check(WHAT, "fine", f"{domain}: DMARC says {policy}")
            if policy == WEAK_POLICY:
                words = f"{domain}: DMARC says none: forged mails still arrive"
                return Check(WHAT, "note", words, "read its reports, then set p=quarantine")
            return Check(WHAT, state, f"{domain}: DMARC has no policy", "add p=none, quarantine or reject")
        if records:
            return Check(WHAT, state, f"{name} has {len(records)} DMARC records; receivers ignore all", "keep one")
    return Check(
        WHAT, state, f"{domain} has no DMARC record", f"publish one at _dmarc.{domain}: v=DMARC1; p=none; rua=…"
    )


def _tags(text: str) -> dict[str, str]:
    """`k=v; k=v` as a mapping."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
