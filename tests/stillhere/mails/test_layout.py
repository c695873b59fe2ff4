"""A layout is rendered once a shape and filled for each mail, with the bytes that rendering each mail would give."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import mrml
from hypothesis import given, settings
from hypothesis import strategies as st

from stillhere.mails import layout as layouts
from stillhere.mails.layout import Filling, Layout, rendered

CONFIG = Path(__file__).parents[3] / "config"
# mrml spoils rarer characters in attributes; those are tested by themselves below.
texts = st.text("".join(chr(code) for code in range(32, 127) if chr(code) != "\\") + "äöüßéñçŁ€–„“…", max_size=60)
urls = texts.map(lambda text: f"https://loopwise.example/?a=1&b={text}")
fillings = st.builds(
    Filling,
    language=st.sampled_from(["en", "de"]),
    subject=texts.filter(bool),
    preview=texts,
    paragraphs=st.lists(texts, min_size=1, max_size=4).map(tuple),
    button=st.none() | st.tuples(texts.filter(bool), urls),
    why=texts.filter(bool),
    stop_label=st.just("Unsubscribe"),
    stop_url=st.none() | texts.map(lambda text: f"mailto:stop@x.example?subject={text}"),
    company_name=st.just("Rock & Roll"),
    postal_address=st.just("Street 1 <left>"),
)


@settings(max_examples=40)
@given(fillings)
def test_filling_gives_the_bytes_that_rendering_gives(filling) -> None:
    for layout in (Layout.of(CONFIG), Layout.of(Path())):
        assert layout.html(filling) == rendered(layout.source, filling)


def one(subject: str = "Hello", paragraph: str = "First") -> Filling:
    return Filling(
        "en", subject, "", (paragraph,), None, "why", "Stop", "https://x.example/u/1", "Loopwise", "Street 1"
    )


class _Mrml:
    """Stands where the module stands, for its functions can't be replaced."""

    def __init__(self, to_html) -> None:
        self.to_html = to_html


def test_a_mail_says_once_in_which_language_it_is_and_nowhere_another() -> None:
    html = Layout.of(CONFIG).html(replace(one(), language="de"))
    assert set(re.findall(r' lang="([^"]*)"', html)) == {"de"}
    assert html.partition(">")[2].partition(">")[0].count(" lang=") == 1


def test_mjml_is_asked_for_a_shape_and_not_for_each_mail(monkeypatch) -> None:
    asked = []

    def counting(source: str):
        asked.append(source)
        return mrml.to_html(source)

    monkeypatch.setattr(layouts, "mrml", _Mrml(counting))
    layouts._frame.cache_clear()
    layout = Layout.of(CONFIG)
    for number in range(50):
        assert f"Mail {number}" in layout.html(one(f"Mail {number}"))
    # The shape itself, and two probes of whether filling is the same.
    assert len(asked) <= 3


def test_a_layout_that_changes_its_texts_is_rendered_for_each_mail() -> None:
    source = Layout.of(CONFIG).source.replace("{{ subject }}", "{{ subject | upper }}")
    layouts._frame.cache_clear()
    assert "HELLO ADA" in Layout(source).html(one("Hello Ada"))
    shortened = Layout.of(CONFIG).source.replace("{{ paragraph }}", "{{ paragraph | truncate(8) }}")
    assert Layout(shortened).html(one(paragraph="A long paragraph")) == rendered(
        shortened, one(paragraph="A long paragraph")
    )
