"""From chart 0.16.5 in place, with its defaults: runs in memory. Each Helm, and each way of giving values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.cluster import CommandError
from tests.e2e.old_release import QUICK, OldRelease, old_chart

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace
    from tests.helm import HelmMajor

VALUES: dict[str, Any] = {"extraArgs": {"workers": "1"}, "livenessProbe": QUICK, "readinessProbe": QUICK}
SAME = "--set-string=extraArgs.workers=1"
MIGRATE = "--set=backendStore.databaseMigration=true"


@pytest.fixture(scope="module")
def old(namespace: Namespace, tmp_path_factory: pytest.TempPathFactory) -> OldRelease:
    release = OldRelease(namespace, old_chart(tmp_path_factory.mktemp("old")))
    release.install(VALUES)
    return release


@pytest.mark.parametrize(
    ("major", "options"),
    [
        (3, (SAME,)),
        (3, ("--reuse-values", MIGRATE)),
        (4, ("--reuse-values", MIGRATE)),
        (4, ("--reset-then-reuse-values",)),
    ],
    ids=lambda value: value if isinstance(value, int) else value[0],
)
def test_it_begins_empty_and_says_so_and_can_go_back(
    old: OldRelease, major: HelmMajor, options: tuple[str, ...]
) -> None:
    namespace = old.namespace
    before = old.revision()
    notes = " ".join(old.upgrade(*options, major=major).split())

    assert "This release was of chart 0.16.5." in notes
    assert "nothing to keep: MLflow begins empty" in notes
    assert "write: all of it" in namespace.log("write")
    assert "Succeeded" in namespace.test(major)

    old.enforce("privileged")
    namespace.helm("rollback", "mlflow", str(before), "--wait", "--timeout=240s", major=major)
    (pod,) = namespace.pods
    assert pod["spec"]["containers"][0]["image"] == namespace.cluster.old_image
    namespace.kubectl("delete", "pvc", "mlflow-data")
    old.enforce("restricted")


def test_the_old_image_is_refused(old: OldRelease) -> None:
    with pytest.raises(CommandError, match="has no Flowship in it"):
        old.upgrade("--reuse-values", MIGRATE, "--set-string=image.repository=burakince/mlflow", major=4)
