"""What a rule of hand-over 3 says of the message that breaks it, in words that its campaign's owner can read."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.outbox_rules import MAX_MESSAGE_BYTES, MAX_SUBJECT_CHARACTERS

RULE_WORDS = {
    "has_message_id": "it has no message id",
    "has_account": "it belongs to no account",
    "email_shaped": "its address is no e-mail address",
    "not_suppressed": "its address is on the stop list",
    "subject_fits": f"its subject is empty or longer than {MAX_SUBJECT_CHARACTERS} characters",
    "subject_is_one_line": "its subject has more than one line",
    "has_text_and_html": "its text part or its HTML part is missing",
    "subject_is_filled": "a value is missing in its subject",
    "text_is_filled": "a value is missing in its text part",
    "html_is_filled": "a value is missing in its HTML part",
    "has_unsubscribe": "it has no way to unsubscribe",
    "has_postal_address": "it lacks the postal address",
    "is_small_enough": f"it is larger than {MAX_MESSAGE_BYTES // 1000} kB",
    "claims_readable": "what it claims cannot be read",
    "goes_to_its_contact": "its address is not its contact's",
    "numbers_are_claimed": "a number in it is neither one of the approved words nor a value of the night",
    "addresses_are_claimed": "an address in it is neither one of the approved words nor a value of the night",
    "images_have_a_text": "an image in it has no text",
    "offer_is_valid_tomorrow": "its offer cannot be taken up tomorrow, by offers.yml or by billing: "
    "'stillhere campaigns check' says which",
    "claim_has_a_value": "a value in it is blank",
    "claim_is_known": "the night does not know a value in it",
    "claim_is_true": "a value in it is not the night's",
    "claim_is_shown_as_it_is": "a value in it is not shown as it is",
    "claim_is_in_the_message": "a value that it claims is not to be read in it",
    "link_is_https": "a link in it is not https",
    "link_is_ours": "a link in it leads to no domain of ours; sender.link_domains in company.yml names others",
}


def message_words(rules: Sequence[str]) -> str:
    """All that is wrong with one message. Raises KeyError for a rule that hand-over 3 does not have."""
    return "; ".join(RULE_WORDS[rule] for rule in rules)
