"""The operations database: ledger, occasions, seals, holds and stops. It can't be rebuilt; back it up with raw.

`open_operations` gives an engine; each file beside this one holds the store functions of one subject.
"""

from stillhere.operations.lock import Holder, NightHeldError, night_lock
from stillhere.operations.open import OperationsError, open_operations, reading, writing

__all__ = ["Holder", "NightHeldError", "OperationsError", "night_lock", "open_operations", "reading", "writing"]
