"""What can be wrong with what the model is given. Every message says what, where, and what to do."""

from __future__ import annotations


class PanelError(ValueError):
    """The panel or tonight's cadence can't be used as it is."""


class LeakError(PanelError):
    """Something that is known only after the cut-off would reach the model."""


class RegistryError(RuntimeError):
    """A registered model can't be read, or is none of ours."""
