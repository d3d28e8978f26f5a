"""Finds what is left to do, by comparing the requested jobs with the journal and the content of OUT."""

from __future__ import annotations

from dataclasses import dataclass, field

from .jobs import Job, JobsError
from .journal import RAY, Entry, Journal, SentPrompt
from .out_folder import OutFolder
from .workflow import Prompt, few


@dataclass
class Plan:
    """What is left to do, with `notes` for the user."""

    waiting: list[Job] = field(default_factory=list)
    sent: list[tuple[SentPrompt, Job]] = field(default_factory=list)  # may still be running, or already done
    losses: dict[str, int] = field(default_factory=dict)
    done: int = 0
    notes: list[str] = field(default_factory=list)


def make_plan(jobs: list[Job], prompt: Prompt, journal: Journal, out: OutFolder) -> Plan:
    """Enter the jobs into the journal, complete what an interrupted run left, and find what is left to do.

    Results of other settings than the job's current ones are set aside.

    Raises:
        JobsError: if a folder in OUT has the name of a job, and is not known to be its result.
        JournalError, OSError: if OUT cannot be written.
    """
    entries = journal.entries()
    fingerprints = {job.name: job.fingerprint(prompt) for job in jobs}
    if strange := [job.name for job in jobs if job.name not in entries and out.has(job.name)]:
        raise JobsError(
            f"{out.path} has folders that are named like jobs but were not created by a batch: {few(strange)}. "
            "Move them away, rename the jobs, or give another OUT."
        )
    _show_what_is_done(entries, out)
    plan = Plan()
    wanted = {job.name: job for job in jobs if entries.get(job.name, _NEW).fingerprint == fingerprints[job.name]}
    for sent in journal.sent_prompts():
        if sent.job in wanted and not sent.server.startswith(RAY):
            plan.sent.append((sent, wanted[sent.job]))
        else:
            journal.give_up(sent.prompt_id, sent.job, 0)
    states = {job.name: _state(job.name, entries.get(job.name), job.name in wanted, out) for job in jobs}
    _note_changes(plan, states)
    journal.add_jobs(
        (name, fingerprints[name], "done" if state == "done" else "waiting")
        for name, state in states.items()
        if name not in wanted or state in ("failed", "removed")
    )
    sent_jobs = {job.name for _, job in plan.sent}
    for job in jobs:
        if states[job.name] == "done":
            plan.done += 1
            continue
        if job.name not in sent_jobs:
            plan.waiting.append(job)
        if job.name in wanted and states[job.name] == "waiting":
            plan.losses[job.name] = entries[job.name].losses
        out.set_aside(job.name)  # whatever is there is not the result of these settings
    return plan


def _state(name: str, entry: Entry | None, same: bool, out: OutFolder) -> str:
    if entry is None:
        return "new"
    if not same:
        return "changed"
    if entry.state == "done" and not out.has(name):
        return "removed"
    return entry.state


def _show_what_is_done(entries: dict[str, Entry], out: OutFolder) -> None:
    """Publish results that were recorded before an interruption, but not yet published."""
    recorded = {entry.prompt_id: name for name, entry in entries.items() if entry.state == "done" and entry.prompt_id}
    out.remove_parts(kept=recorded.keys())
    for prompt_id, name in recorded.items():
        if out.part(prompt_id).exists():
            out.show(name, prompt_id)


def _note_changes(plan: Plan, states: dict[str, str]) -> None:
    for state, text in NOTES.items():
        if names := [name for name, found in states.items() if found == state]:
            plan.notes.append(f"{len(names)} {text}: {few(names)}")


NOTES = {
    "changed": "run again, because their settings, the workflow or a file of theirs has changed; the former results "
    "are in .dragnuwa-batch/replaced",
    "removed": "run again, because their results are gone",
    "failed": "failed before and are tried again",
}
_NEW = Entry("", "waiting", None, 0, None)
