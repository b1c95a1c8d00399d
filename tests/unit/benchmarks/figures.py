"""Results of a benchmark that nobody ran, with every measure in them."""

from __future__ import annotations

from dataclasses import asdict

from benchmarks import crowd, fasttrackml, growth, loss, moving, rounds, searches, signing_in, with_users
from benchmarks.calls import CALLS
from benchmarks.plan import FULL
from benchmarks.results import Results

MACHINE = {
    "date": "2026-11-24",
    "cores": 2,
    "memory": 16e9,
    "processor": "A & B <fast>",
    "load": 0.1,
    "python": "3.13.1",
    "mlflow": "3.17.2",
    "flowship": "1.0.0",
}
START = {
    rounds.FIRST_ANSWER: (18.8, 4.6),
    rounds.CPU: (61.7, 4.9),
    rounds.MEMORY: (2216e6, 337e6),
}
AMOUNTS = {
    **dict.fromkeys(map(crowd.slowest, crowd.DATABASES), 3),
    growth.GROWTH: 0.04,
    moving.SPEED: 80_000,
    moving.OURS: 9e-6,
    moving.THEIRS: 4e-6,
    moving.GROWTH: 0.03,
}
"""What is judged alone."""
RATES = {
    rounds.MLFLOW: 100,
    rounds.FLOWSHIP: 1040,
    rounds.FLOWSHIP_ADMIN: 980,
    rounds.MLFLOW_ADMIN: 4,
}
RATES_WITH_USERS = {
    rounds.FLOWSHIP: 104,
    rounds.FLOWSHIP_ADMIN: 98,
    with_users.FLOWSHIP_PLAIN: 96,
    with_users.FLOWSHIP_LDAP: 97,
    with_users.FLOWSHIP_ASKING: 12,
}


def results() -> Results:
    """Five runs of everything, all bars met."""
    found = Results(asdict(FULL), dict(MACHINE))
    for run in range(5):
        for measure, (theirs, ours) in START.items():
            found.add(measure, rounds.MLFLOW, theirs * (1 + run / 1000))
            found.add(measure, rounds.FLOWSHIP, ours * (1 + run / 1000))
        for call in CALLS:
            for contestant, rate in RATES.items():
                found.add(call, contestant, rate + run)
                found.add(rounds.processor_time(call), contestant, 1 / rate)
        _add_large(found, run)
        for measure in fasttrackml.MEASURES.values():
            found.add(measure, rounds.FLOWSHIP, 1040 + run)
            found.add(measure, fasttrackml.FASTTRACKML, 900 + run)
        for measure in with_users.MEASURES.values():
            for contestant, rate in RATES_WITH_USERS.items():
                found.add(measure, contestant, rate + run)
        _add_known(found, run)
    for measure in (loss.WORKERS_END, loss.SERVER_STOPS):
        found.add(measure, "MLflow", 130)
        found.add(measure, "Flowship", 0)
    for measure, amount in AMOUNTS.items():
        found.add(measure, "Flowship", amount)
    return found


def _add_known(found: Results, run: int) -> None:
    """Requests of one user who is known in three ways, and beside wrong tokens."""
    for label in (signing_in.PASSWORD, signing_in.SESSION, signing_in.TOKEN):
        for measure in signing_in.MEASURES.values():
            found.add(measure, label, 980 + run)
            found.add(rounds.processor_time(measure), label, 1 / 980)
    for label in (signing_in.ALONE, signing_in.BESIDE):
        found.add(signing_in.WRONG, label, 0.002 + run / 1e6)


def _add_large(found: Results, run: int) -> None:
    """Searches in a large experiment."""
    for measure in searches.MEASURES.values():
        found.add(measure, rounds.MLFLOW, 1 + run / 1000)
        found.add(measure, rounds.FLOWSHIP, 0.05 + run / 1000)
