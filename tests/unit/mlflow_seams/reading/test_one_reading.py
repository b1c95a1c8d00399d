from __future__ import annotations

from tests.unit.in_mlflow import in_mlflow


def test_an_ambiguous_request_is_refused_before_anything_else_reads_it() -> None:
    printed = in_mlflow(
        "import mlflow.server as server; from flowship.mlflow_seams.reading.one_reading import refuse_ambiguous;"
        "server.app.before_request(lambda: print('asked for permissions'));"
        "refuse_ambiguous(lambda asked: 'so' if asked.body == {'a': 1} else print(asked));"
        "client = server.app.test_client(); path = '/api/2.0/mlflow/registered-models/delete';\n"
        "answer = client.delete(path + '?name=mine', data='{\"a\": 1}', content_type='text/plain')\n"
        "print(answer.status_code, answer.get_json()['error_code'], answer.get_json()['message'])\n"
        "client.post('/ajax-api/2.0/mlflow/upload-artifact', data='{\"a\": 1}', content_type='application/json')\n"
        "client.get('/api/3.0/mlflow/traces/tr-1?a=1&a=2')\n"
    )

    lines = printed.splitlines()
    assert lines[0] == "400 INVALID_PARAMETER_VALUE so"
    assert lines[1] == "asked for permissions"
    assert lines[2] == (
        "Asked(method='GET', has_body=False, says_json=False, body=None, named={'trace_id': 'tr-1'}, "
        "query={'a': ['1', '2']})"
    )
