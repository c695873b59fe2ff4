"""The story of a night, from a company's data to the right message.

Every step is a plain function of its own room; here are only their order, retries and names. A gate that fails holds
the send, never the night.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import artifacts, decide, extract, hand_overs, score, send, tell
from flows.night import Night, close_night, open_night

# Reading sources again is safe: raw is append-only and known rows are not appended twice. Nothing else is retried here:
# what fails in a later step fails the same way again, and sending has its own ledger.
READ_AGAIN = {"retries": 2, "retry_delay_seconds": 10}


@flow(name="nightly", flow_run_name="night", persist_result=False, validate_parameters=True)
def nightly(
    company: str | None = None,
    as_of: date | None = None,
    send: bool = False,
    redecide: bool = False,
    full: bool = False,
) -> State[Any]:
    """One night of one company: its data in; lists, calls, report and messages out.

    Without `send`, messages are previews. `full` builds every table anew instead of what new data change. A night whose
    whole send is held ends completed, in a state named Held.
    """
    with open_night(company, as_of, send=send, redecide=redecide, full=full) as night:
        artifacts.name_run(night.settings.company.id, night.as_of)
        outcomes = run_step(night, "extract", extract.extract_sources, **READ_AGAIN)
        loads = run_step(night, "check sources", hand_overs.check_raw_loads, outcomes)
        run_step(night, "transform", score.build_marts, loads)
        run_step(night, "check features", hand_overs.check_night_features)
        scored = run_step(night, "score", score.score_accounts)
        decided = run_step(night, "decide", decide.decide_and_seal, scored, loads)
        run_step(night, "send" if send else "preview", send_step)
        run_step(night, "lists", tell.write_lists_and_calls, decided)
        run_step(night, "report", tell.write_night_report, scored)
        run_step(night, "publish", tell.publish_night)
        close_night(night)
        artifacts.publish_artifacts(night)
        return final_state(night)


def send_step(night: Night) -> Any:
    """Hands over, or previews, what was decided."""
    return send.hand_over_night(night)


def run_step(night: Night, name: str, work: Any, *arguments: Any, **retrying: Any) -> Any:
    """Runs one step as a Prefect task under its own name, timed and recorded."""
    step = task(name=name, cache_policy=NO_CACHE, persist_result=False, **retrying)(work)
    with night.step(name) as note:
        result = step(night, *arguments)
        note += [words] if (words := artifacts.note_of(name, result, night)) else []
    return result


def final_state(night: Night) -> State[Any]:
    """Completed, or Held when nothing may leave."""
    held = night.held_because
    return Completed(name="Held", message=held) if held else Completed(message="the night is done")
