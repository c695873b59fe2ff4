"""Small pieces of SVG that the charts are drawn with. Colours and hatching come from the page's style by class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

CHARACTER_WIDTH = 6.6
"""About what a character of the charts' 12 px sans-serif takes; labels are laid out by it."""


def number(value: float) -> str:
    """A coordinate with at most two decimals, so that bytes repeat."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def element(name: str, attributes: Mapping[str, object], content: str | Markup = "") -> Markup:
    """One element; `_` in an attribute's name reads as `-`, and `css` as `class`."""
    written = "".join(
        f' {"class" if key == "css" else key.replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{escape(content)}</{name}>")  # noqa: S704 - every part is escaped above


def _value(value: object) -> object:
    return number(value) if isinstance(value, float) else value


def text(x: float, y: float, content: str, css: str = "label", anchor: str = "start") -> Markup:
    """Text whose baseline is at (x, y)."""
    return element("text", {"x": float(x), "y": float(y), "css": css, "text_anchor": anchor}, content)


def rect(x: float, y: float, width: float, height: float, css: str, tip: str | None = None) -> Markup:
    """A rectangle; `tip` shows when pointed at and is read aloud."""
    shape = {"x": float(x), "y": float(y), "width": max(float(width), 0.0), "height": max(float(height), 0.0)}
    return element("rect", {**shape, "css": css}, _tip(tip))


def line(x1: float, y1: float, x2: float, y2: float, css: str = "grid") -> Markup:
    """A straight line."""
    return element("line", {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2), "css": css})


def circle(x: float, y: float, radius: float, css: str = "dot", tip: str | None = None) -> Markup:
    """A dot."""
    return element("circle", {"cx": float(x), "cy": float(y), "r": float(radius), "css": css}, _tip(tip))


def path(points: Iterable[tuple[float, float]], css: str) -> Markup:
    """A line through points."""
    steps = " ".join(f"{'M' if at == 0 else 'L'}{number(x)} {number(y)}" for at, (x, y) in enumerate(points))
    return element("path", {"d": steps, "css": css})


def drawing(width: float, height: float, title: str, parts: Iterable[Markup], css: str = "chart") -> Markup:
    """A whole picture that scales with the page; `title` is what a screen reader says."""
    body = Markup("").join(parts)
    return element(
        "svg",
        {
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "css": css,
            "role": "img",
            "aria_label": title,
            "style": f"max-width:{number(width)}px",
        },
        body,
    )


def shortened(words: str, characters: int) -> str:
    """At most so many characters, the last an ellipsis when something is cut."""
    return words if len(words) <= characters else words[: characters - 1].rstrip() + "…"


def nice_steps(highest: float, about: int = 4) -> list[float]:
    """Round values from 0 to at least `highest` for an axis: 0, 5, 10, 15."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / about
    power = 10.0 ** (len(f"{rough:.0f}") - 1) if rough >= 1 else 10.0 ** -_leading_zeros(rough)
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    count = int(-(-highest // step))
    return [step * at for at in range(count + 1)]


def _leading_zeros(value: float) -> int:
    zeros = 1
    while value * 10**zeros < 1:
        zeros += 1
    return zeros


def _tip(tip: str | None) -> Markup:
    return Markup("") if tip is None else element("title", {}, tip)
