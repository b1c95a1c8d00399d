"""Values that break the rules of `gc`; see `cases`."""

from __future__ import annotations

from tests.unit.values.cases import POSTGRES, S3, Case, case

ON = {"gc.enabled": True}
ONE_POD = (
    "gc.enabled, persistence.accessMode: a pod that collects garbage mounts the claim beside the server's, which "
    "ReadWriteOncePod forbids. Set the second to ReadWriteOnce, or the first to false."
)
ON_LOCALHOST = (
    "gc.enabled, extraContainers: pods that collect garbage have no containers of the second, so they would not reach "
    "a database on localhost. Move its proxy to initContainers, with restartPolicy Always, or set the first to false."
)
NO_AGE = "gc.olderThan: is no length of time. Write one such as `30d`, `12h` or `1d12h`."

GC_CASES = [
    Case(
        {**ON, "gc.schedule": ""},
        ("gc.schedule: is empty, but gc.enabled is true. Write when or how old, such as `47 4 * * *`, or `@daily`.",),
        {"gc.schedule": "@weekly"},
    ),
    Case(
        {**ON, "gc.schedule": "daily"},
        ("gc.schedule: is not what a CronJob takes. Write five fields, such as `17 3 * * *`, or `@daily`.",),
        {"gc.schedule": "@daily"},
    ),
    Case(
        {**ON, "gc.olderThan": ""},
        ("gc.olderThan: is empty, but gc.enabled is true. Write when or how old, such as `30d`.",),
        {"gc.olderThan": "0s"},
    ),
    *(
        Case({**ON, "gc.olderThan": text}, (NO_AGE,), {"gc.olderThan": good})
        for text, good in {"30": "30d", "1.5d": "1d12h", "30 days": "4w"}.items()
    ),
    case({**ON, "persistence.accessMode": "ReadWriteOncePod"}, ONE_POD, persistence_accessMode="ReadWriteOnce"),
    Case({**ON, **POSTGRES, "persistence.accessMode": "ReadWriteOncePod"}, (ONE_POD,), S3),
    Case(
        {
            **ON,
            **POSTGRES,
            **S3,
            "backendStore.postgres.host": "localhost",
            "extraContainers": [{"name": "proxy", "image": "proxy"}],
        },
        (ON_LOCALHOST,),
        {"gc.enabled": False},
    ),
]
"""The rules of collecting garbage."""
