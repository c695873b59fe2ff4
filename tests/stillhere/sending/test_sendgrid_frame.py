"""What mails share and what is their own: filling a frame gives every mail byte for byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stillhere.sending.sendgrid_frame import MOST_BYTES, fill, frame_of, shape_of

WORDS = st.text(alphabet="ab &%-sh01é€\n<>", max_size=12)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=6))
def test_a_frame_gives_every_mail_back_or_there_is_none(parts: list[tuple[str, str, str]]) -> None:
    mails = [(f"Hi {a},\n{b}\n", f"<p>{a}</p><a href='{c}'>{b}</a>") for a, b, c in parts]
    frame = frame_of(mails)
    if frame is not None:
        assert [(fill(frame.text, one), fill(frame.html, one)) for one in frame.values] == mails


def test_what_is_the_same_is_written_once_and_values_are_as_short_as_can_be() -> None:
    mails = [
        (f"Hello {name},\nyour order {number}.", f"<b>Hello {name}</b>") for name, number in (("Ada", 1), ("Bob", 2))
    ]
    frame = frame_of(mails)
    assert frame is not None
    assert (frame.text, frame.html) == ("Hello -sh000-,\nyour order -sh001-.", "<b>Hello -sh002-</b>")
    assert frame.values[1] == {"-sh000-": "Bob", "-sh001-": "2", "-sh002-": "Bob"}


def test_mails_that_hold_a_tag_of_ours_or_differ_too_much_share_nothing() -> None:
    assert frame_of([("the code -sh001- is yours", "<p>"), ("another", "<p>")]) is None
    long = "x" * (MOST_BYTES + 1)
    assert frame_of([(f"a{long}", "<p>"), (f"b{long[::-1]}y", "<p>")]) is None
    assert shape_of("a\nb", "<p>a") != shape_of("a", "<p>a")
