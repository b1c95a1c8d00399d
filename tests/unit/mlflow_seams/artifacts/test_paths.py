"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowship.artifacts import paths
from tests.unit.in_mlflow import in_mlflow

if TYPE_CHECKING:
    from pathlib import Path

READ_BY = {
    "mlflow.server.artifact_router",
    "mlflow.server.auth",
    "mlflow.server.handlers",
    "mlflow.store.artifact.http_artifact_repo",  # of clients
    "mlflow.store.artifact.local_artifact_repo",
}
"""What reads paths by this function of MLflow, and so decodes them again."""


class TestDecoding:
    def test_mlflow_decodes_paths_again_in_these_modules(self) -> None:
        printed = in_mlflow(
            "import mlflow, pathlib; root = pathlib.Path(mlflow.__file__).parent;"
            "found = [file for file in root.rglob('*.py') if 'validate_path_is_safe(' in file.read_text()];"
            "names = {'.'.join(file.relative_to(root.parent).with_suffix('').parts) for file in found};"
            "print(*(name.removesuffix('.__init__') for name in names))"
        )

        assert set(printed.split()) - {"mlflow.utils.uri", "mlflow.tracking.client"} == READ_BY

    @settings(deadline=None)  # the first example imports MLflow
    @given(
        st.text(st.sampled_from("%25e4fC:/;?# .a[]é") | st.characters(), max_size=12).filter(
            lambda name: "/" not in name
        )
    )
    def test_clients_make_of_a_name_what_is_expected(self, name: str) -> None:
        """Unless it is refused anyway."""
        from mlflow.exceptions import MlflowException
        from mlflow.utils.uri import validate_path_is_safe

        try:
            stored = paths.storable(paths.canonical(name))
        except ValueError:
            return
        try:
            assert validate_path_is_safe(stored) == stored
        except MlflowException as error:
            raise AssertionError(f"clients refuse {stored!r}") from error

    def test_paths_are_taken_as_they_are(self) -> None:
        printed = in_mlflow(
            "from flowship.artifacts.paths import kept, typed; from flowship.mlflow_seams.artifacts import paths;"
            "paths.read_paths_once(typed, kept, users=True);"
            "from mlflow.exceptions import MlflowException;"
            "from mlflow.server import artifact_router, auth, handlers;\n"
            "for module in (handlers, artifact_router, auth):\n"
            "    print(module.validate_path_is_safe('4/a%2541'), module.validate_path_is_safe('./4/'))\n"
            "    try: module.validate_path_is_safe('%2e%2e/4')\n"
            "    except MlflowException as error: print(error.error_code, error.message)\n"
            "print(auth._canonical_artifact_proxy_path('../4'))"
        )

        refused = "INVALID_PARAMETER_VALUE The path '%2e%2e/4' has '.' or '..' in it: write the path that is meant."
        assert printed.splitlines()[-7:] == ["4/a%2541 4", refused] * 3 + ["None"]

    def test_what_is_deleted_in_a_directory_is_what_was_named(self, tmp_path: Path) -> None:
        for name in ("4/a%41.txt", "4/aA.txt", "5/b/c.txt"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(name)
        in_mlflow(
            "from flowship.artifacts.paths import kept, typed;"
            " from flowship.mlflow_seams.artifacts import clients as artifacts;"
            " from flowship.mlflow_seams.artifacts import paths;"
            "paths.read_paths_once(typed, kept, users=False);"
            f"store = artifacts.artifact_repository({str(tmp_path)!r});"
            "store.delete_artifacts('4/a%41.txt'); store.delete_artifacts('5/b'); store.delete_artifacts('6')"
        )

        assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*")) == ["4", "4/aA.txt", "5"]

    def test_uploads_whose_name_is_not_in_their_path_are_checked_too(self) -> None:
        printed = in_mlflow(
            "import json;"
            "from flowship.artifacts.paths import kept, typed; from flowship.mlflow_seams.artifacts import paths;"
            "paths.read_paths_once(typed, kept, users=False);"
            "from mlflow.server import app; ask = app.test_client().post\n"
            "def show(path, body=None):\n"
            "    answer = ask(path, json=body)\n"
            "    print(answer.status_code, json.loads(answer.get_data())['message'][:40])\n"
            "show('/ajax-api/2.0/mlflow/upload-artifact?run_uuid=1&path=a%2523b', {})\n"
            "show('/api/2.0/mlflow/artifacts/presigned-upload-url', {'run_id': '1', 'path': 'a#b'})\n"
            "show('/api/2.0/mlflow-artifacts/mpu/create/4/r/artifacts', {'path': '/tmp/a?b', 'num_parts': 1})\n"
            "show('/ajax-api/2.0/mlflow-artifacts/mpu/create/4/r/artifacts', {'path': '/tmp/..', 'num_parts': 1})\n"
            "show('/ajax-api/2.0/mlflow/upload-artifact?run_uuid=1', {})\n"
        )

        assert printed.splitlines()[-5:] == [
            "400 An artifact 'a%23b' could not be read ba",
            "400 An artifact 'a#b' could not be read back",
            "400 An artifact 'a?b' could not be read back",
            "400 The path '4/r/artifacts/..' has '.' or '",
            "400 Request must specify path.",
        ]


def test_names_without_an_ending_have_the_types_that_are_expected() -> None:
    from mlflow.utils import mime_type_utils

    guessed: Any = mime_type_utils._guess_mime_type
    typed = {ending for ending in mime_type_utils.get_text_extensions() if paths.TYPED_NAMES.fullmatch(ending)}

    assert typed == set(mime_type_utils.get_text_extensions())
    assert guessed("a") == paths.UNKNOWN_TYPE
    assert "_guess_mime_type(file_name)" in inspect.getsource(_http_repository())


def _http_repository() -> Any:
    from mlflow.store.artifact import http_artifact_repo

    return http_artifact_repo
