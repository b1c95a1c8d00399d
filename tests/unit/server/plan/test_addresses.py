from __future__ import annotations

import pytest

from flowship.server.plan.addresses import allowed_hosts, allowed_origins
from flowship.values.model.root import Values


def ingress(**keys: object) -> Values:
    return Values.model_validate({"ingress": {"enabled": True, "hosts": [{"host": "ml.example.com"}], **keys}})


def test_nothing_is_added_where_nothing_is_asked_for() -> None:
    assert allowed_hosts(Values(), {}) == []
    assert allowed_origins(Values(), {}) == []


def test_a_host_is_allowed_with_and_without_a_port() -> None:
    assert allowed_hosts(Values(allowedHosts=["ml.example.com"]), {}) == ["ml.example.com", "ml.example.com:*"]


@pytest.mark.parametrize("name", ["ml.example.com:8443", "*"])
def test_a_host_with_a_port_and_the_wildcard_stay_as_they_are(name: str) -> None:
    assert allowed_hosts(Values(allowedHosts=[name]), {}) == [name]


def test_an_ipv6_address_is_escaped_for_the_match_with_a_port() -> None:
    assert allowed_hosts(Values(), {}, ["[2001:db8::1]"]) == ["[2001:db8::1]", "[[]2001:db8::1]:*"]


def test_the_users_own_variable_adds_hosts_and_origins() -> None:
    environ = {
        "MLFLOW_SERVER_ALLOWED_HOSTS": "a.example.com, b.example.com:80",
        "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": "https://a.example.com",
    }

    assert allowed_hosts(Values(), environ) == ["a.example.com", "a.example.com:*", "b.example.com:80"]
    assert allowed_origins(Values(), environ) == ["https://a.example.com"]


def test_a_disabled_ingress_adds_nothing() -> None:
    values = Values.model_validate({"ingress": {"enabled": False, "hosts": [{"host": "ml.example.com"}]}})

    assert allowed_hosts(values, {}) == []
    assert allowed_origins(values, {}) == []


def test_an_ingress_with_a_certificate_is_an_origin_by_https_only() -> None:
    values = ingress(tls=[{"secretName": "tls", "hosts": ["ml.example.com"]}])

    assert allowed_hosts(values, {}) == ["ml.example.com", "ml.example.com:*"]
    assert allowed_origins(values, {}) == ["https://ml.example.com"]


def test_a_wildcard_certificate_covers_the_hosts_below_it() -> None:
    assert allowed_origins(ingress(tls=[{"secretName": "tls", "hosts": ["*.example.com"]}]), {}) == [
        "https://ml.example.com"
    ]


def test_a_certificate_without_hosts_covers_all() -> None:
    assert allowed_origins(ingress(tls=[{"secretName": "tls"}]), {}) == ["https://ml.example.com"]


def test_an_ingress_without_a_certificate_is_an_origin_by_both_schemes() -> None:
    assert allowed_origins(ingress(), {}) == ["https://ml.example.com", "http://ml.example.com"]


def test_an_http_route_is_a_host_and_an_origin_by_both_schemes() -> None:
    values = Values.model_validate({"httpRoute": {"enabled": True, "hostnames": ["ml.example.com"]}})

    assert allowed_hosts(values, {}) == ["ml.example.com", "ml.example.com:*"]
    assert allowed_origins(values, {}) == ["https://ml.example.com", "http://ml.example.com"]


def test_a_disabled_http_route_adds_nothing() -> None:
    values = Values.model_validate({"httpRoute": {"hostnames": ["ml.example.com"]}})

    assert allowed_hosts(values, {}) == allowed_origins(values, {}) == []


def test_in_a_pod_the_names_of_the_service_are_allowed() -> None:
    assert allowed_hosts(Values(), {"FLOWSHIP_SERVICE": "mlflow.team-a"}) == [
        "mlflow",
        "mlflow:*",
        "mlflow.team-a",
        "mlflow.team-a:*",
        "mlflow.team-a.svc",
        "mlflow.team-a.svc:*",
        "mlflow.team-a.svc.*",
        "mlflow.team-a.svc.*:*",
    ]
