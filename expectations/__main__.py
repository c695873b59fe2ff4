"""`python -m expectations`: imports Great Expectations once, then answers requests, a JSON line each.

Started and spoken to by `expectations.process.Checker`; people don't run it.
"""

from __future__ import annotations

import os
import sys
import threading
import time

# Telemetry off and no progress bars: both are read when Great Expectations is imported.
os.environ["GX_ANALYTICS_ENABLED"] = "False"
os.environ["DO_NOT_TRACK"] = "1"
# DuckDB takes its session's zone from here; setting it on a connection that GX opens comes too early for it.
os.environ["TZ"] = "UTC"

PARENT_LOOK_SECONDS = 1.0


def main() -> None:
    """Answers until stdin ends or the parent is gone."""
    # Libraries print; stdout is the protocol's alone, so everything else that prints goes to stderr.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    threading.Thread(target=_die_with_parent, args=(os.getppid(),), daemon=True).start()
    from expectations.serve import serve

    serve(sys.stdin, answers)


def _die_with_parent(parent: int) -> None:
    """Leaves at once when the parent has died, even in the middle of an import or a query.

    PR_SET_PDEATHSIG would fire when the *thread* that started us ends, and orchestrators start things in threads
    that come and go; so we look who our parent is instead.
    """
    while os.getppid() == parent:
        time.sleep(PARENT_LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
