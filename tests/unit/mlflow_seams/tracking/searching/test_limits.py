"""MLflow reads filters where it did, and a search with too many conditions is refused before a statement is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.in_mlflow import in_mlflow, with_tables

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from flowship.mlflow_seams.tracking.searching import limits
from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking

limits.limit_searches()
tracking, registry = (kind({url!r}, *more) for kind, more in ((Tracking, [{artifacts!r}]), (Registry, [])))

def said(search, *given, **named):
    try:
        search(*given, **named)
    except MlflowException as error:
        return error.get_http_status_code(), error.message
    return 200, ""

def many(what, number):
    return " and ".join(f"{{what}}{{index if what.endswith('.x') else ''}} = 'v'" for index in range(number))
"""


def program(directory: Path, lines: str) -> list[str]:
    loading = PROGRAM.format(url=f"sqlite:///{with_tables(directory)}/mlflow.db", artifacts=str(directory))
    return in_mlflow(loading + lines).splitlines()


def test_each_kind_of_search_has_as_many_conditions_as_it_may(tmp_path: Path) -> None:
    printed = program(
        tmp_path,
        "from mlflow.entities import ViewType\n"
        "for kind, what, search in (\n"
        "    ('runs', 'params.x', lambda f: tracking.search_runs(['0'], f, ViewType.ALL)),\n"
        "    ('experiments', 'tags.x', lambda f: tracking.search_experiments(filter_string=f)),\n"
        "    ('traces', 'tags.x', lambda f: tracking.search_traces(['0'], f)),\n"
        "    ('logged models', 'params.x', lambda f: tracking.search_logged_models(['0'], filter_string=f)),\n"
        "    ('datasets', 'tags.x', lambda f: tracking.search_datasets(filter_string=f)),\n"
        "    ('models', 'tags.x', lambda f: registry.search_registered_models(f)),\n"
        "    ('versions', 'tags.x', lambda f: registry.search_model_versions(f)),\n"
        "):\n"
        "    print(kind, said(search, many(what, 51))[0], 'has 51 ' in said(search, many(what, 51))[1])\n",
    )

    assert [line.rpartition(" 400 ")[2] for line in printed] == ["True"] * 7


def test_what_it_is_ordered_by_counts_too(tmp_path: Path) -> None:
    printed = program(
        tmp_path,
        "from mlflow.entities import ViewType\n"
        "def run(conditions, fields):\n"
        "    order = [f'metrics.m{i}' for i in range(fields)]\n"
        "    return said(tracking.search_runs, ['0'], many('params.x', conditions), ViewType.ALL, 10, order)\n"
        "for each in ((48, 2), (48, 3), (0, 51), (0, 50)): print(*run(*each))\n",
    )

    sentence = "400 filter, order_by: the search has 51 comparisons and fields to order by, and may have 50."
    assert [line.split(" Use")[0].strip() for line in printed] == ["200", sentence, sentence, "200"]


FORGED = ['{"offset": 1e400}', '{"offset": "x"}', '{"offset": [1]}', "[1]", "[" * 5_000, "\xff"]


def test_a_forged_token_is_the_requests_fault(tmp_path: Path) -> None:
    printed = program(
        tmp_path,
        "import base64\n"
        "from mlflow.utils.search_utils import SearchUtils\n"
        f"for text in {FORGED!r}:\n"
        "    token = base64.b64encode(text.encode('latin-1')).decode()\n"
        "    print(*said(SearchUtils.parse_start_offset_from_page_token, token))\n"
        "print(SearchUtils.parse_start_offset_from_page_token(SearchUtils.create_page_token(7)))\n",
    )

    assert [line.partition(" ")[0] for line in printed] == [*["400"] * len(FORGED), "7"]
    assert "400 page_token: is none of this server's." in printed
