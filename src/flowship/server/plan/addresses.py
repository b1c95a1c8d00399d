"""Under which names the server may be reached, and from which origins browsers may write.

MLflow's own lists, localhost and private addresses, always stay: ours are added (docs/explanation/decisions.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowship.values.model.cluster.exposure import HttpRoute, Ingress
    from flowship.values.model.root import Values

SERVICE = "FLOWSHIP_SERVICE"
"""Variable by which the chart says `name.namespace` of the Service, which only Helm knows."""


def allowed_hosts(values: Values, environ: Mapping[str, str], own_names: Sequence[str] = ()) -> list[str]:
    """Host headers to accept besides MLflow's own list; empty when its own list is enough."""
    names = [
        *own_names,
        *values.allowedHosts,
        *_listed(environ.get("MLFLOW_SERVER_ALLOWED_HOSTS", "")),
        *(host.host for host in values.ingress.hosts if values.ingress.enabled and host.host),
        *(values.httpRoute.hostnames if values.httpRoute.enabled else ()),
        *_service_names(environ.get(SERVICE, "")),
    ]
    return list(dict.fromkeys(form for name in names for form in _with_port(name)))


def allowed_origins(values: Values, environ: Mapping[str, str], own_origins: Sequence[str] = ()) -> list[str]:
    """Origins to accept besides localhost."""
    origins = [
        *own_origins,
        *values.corsAllowedOrigins,
        *_listed(environ.get("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "")),
        *(_ingress_origins(values.ingress) if values.ingress.enabled else ()),
        *(_route_origins(values.httpRoute) if values.httpRoute.enabled else ()),
    ]
    return list(dict.fromkeys(origins))


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _with_port(name: str) -> Iterator[str]:
    """Give a name as it is in the Host header: alone on the scheme's own port, else with its port."""
    yield name
    if name.startswith("["):
        yield f"[[]{name[1:]}:*"  # an IPv6 address; MLflow matches with fnmatch, where a bracket begins a set
    elif name != "*" and ":" not in name:
        yield f"{name}:*"


def _service_names(service: str) -> Iterator[str]:
    if not service:
        return
    yield service.partition(".")[0]
    yield service
    yield f"{service}.svc"
    yield f"{service}.svc.*"


def _ingress_origins(ingress: Ingress) -> Iterator[str]:
    """List the origins of the Ingress: without a certificate of its own, TLS may still end in front of it, so both
    schemes are origins."""
    secure = {str(host) for entry in ingress.tls for host in entry.get("hosts") or ["*"]}
    for host in (each for each in ingress.hosts if each.host):
        yield f"https://{host.host}"
        if not secure & {host.host, "*", _wildcard(host.host)}:
            yield f"http://{host.host}"


def _route_origins(route: HttpRoute) -> Iterator[str]:
    """List the origins of the HTTPRoute: only the Gateway knows whether it ends TLS, so both schemes are origins."""
    for host in route.hostnames:
        yield f"https://{host}"
        yield f"http://{host}"


def _wildcard(host: str) -> str:
    return f"*.{host.partition('.')[2]}"


def reachable(host: str) -> str:
    """Write the address, as a URL has it, at which this machine reaches a server that listens on `host`."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"  # noqa: S104
    return f"[{host}]" if ":" in host else host
