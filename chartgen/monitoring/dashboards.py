"""The two dashboards: how the servers are, and what is tracked with them."""

from __future__ import annotations

from dataclasses import replace

from chartgen.monitoring.panels import Dashboard, Panel, Query, panel, stat

WINDOW = "[$__rate_interval]"
GREEN, YELLOW, RED = "green", "yellow", "red"

_ERRORS = 'sum(rate(mlflow_http_request_total{$target, status=~"5.."}[$__rate_interval])) or vector(0)'
_REQUESTS = "sum(rate(mlflow_http_request_total{$target}[$__rate_interval]))"
_BUCKETS = 'mlflow_http_request_duration_seconds_bucket{$target, route=~"$route"}'

NOW = (
    stat(
        "Ready servers",
        "short",
        "Servers that pass every check of /ready.",
        "count(min by (instance) (flowship_ready{$target}) == 1) or vector(0)",
        (0, RED),
        (1, GREEN),
    ),
    stat("Requests", "reqps", "Requests that were answered, a second.", _REQUESTS),
    stat(
        "Errors",
        "percent",
        "Requests that were answered with a status of 500 or more.",
        f"100 * ({_ERRORS}) / {_REQUESTS}",
        (0, GREEN),
        (0.5, YELLOW),
        (1, RED),
    ),
    stat(
        "Up for",
        "s",
        "Since the server that was started last.",
        "time() - max(flowship_start_timestamp_seconds{$target})",
    ),
    stat(
        "Last backup",
        "s",
        "Age of the last good backup; nothing where there is none.",
        "time() - max(flowship_backup_last_success_timestamp_seconds{$target})",
        (0, GREEN),
        (26 * 3600, YELLOW),
        (36 * 3600, RED),
    ),
    stat(
        "Version",
        "short",
        "Of Flowship, and the MLflow in it.",
        "count by (version, mlflow) (flowship_build_info{$target})",
        legend="{{version}}, MLflow {{mlflow}}",
    ),
)

TRAFFIC = (
    replace(
        panel(
            "Requests by status",
            "reqps",
            "Requests that were answered, a second.",
            ("sum by (status) (rate(mlflow_http_request_total{$target}[$__rate_interval]))", "{{status}}"),
        ),
        stacked=True,
    ),
    panel(
        "Errors",
        "percent",
        "Share of requests with a status of 500 or more, and of those refused with 429.",
        (f"100 * ({_ERRORS}) / {_REQUESTS}", "500 or more"),
        (
            '100 * (sum(rate(mlflow_http_request_total{$target, status="429"}[$__rate_interval])) or vector(0)) / '
            + _REQUESTS,
            "429",
        ),
    ),
    panel(
        "Answered by the hot API",
        "percent",
        "Share of requests that Flowship answers itself, several times faster than MLflow's handlers.",
        (
            '100 * (sum(rate(mlflow_http_request_duration_seconds_count{$target, hot="true"}[$__rate_interval]))'
            " or vector(0)) / sum(rate(mlflow_http_request_duration_seconds_count{$target}[$__rate_interval]))",
            "hot",
        ),
    ),
    Panel(
        "Latency",
        "How many requests took how long, of the routes that are chosen above.",
        "s",
        (Query(f"sum by (le) (increase({_BUCKETS}{WINDOW}))", "{{le}}"),),
        "heatmap",
    ),
    panel(
        "Slowest routes",
        "s",
        "What 99 of 100 requests of a route took at most, of the ten routes where that is longest.",
        (f"topk(10, histogram_quantile(0.99, sum by (route, le) (rate({_BUCKETS}{WINDOW}))))", "{{route}}"),
    ),
    panel(
        "Time spent by route",
        "s",
        "Seconds of answering, a second, of the ten routes that take most.",
        (
            'topk(10, sum by (route) (rate(mlflow_http_request_duration_seconds_sum{$target, route=~"$route"}'
            "[$__rate_interval])))",
            "{{route}}",
        ),
    ),
)

PROCESSES = (
    panel(
        "Workers",
        "short",
        "Workers that there shall be, that serve, and that answer a request now.",
        ("sum by (state) (flowship_workers{$target})", "{{state}}"),
        ("sum(flowship_busy_workers{$target})", "busy"),
    ),
    panel(
        "Saturation",
        "short",
        "Requests that each worker answers at a time. Over 20 for long: more workers or replicas are wanted.",
        (
            "sum by (instance) (flowship_requests_in_progress{$target}) / sum by (instance) (flowship_workers{$target, "
            'state="serving"} > 0)',
            "{{instance}}",
        ),
    ),
    panel(
        "Memory",
        "bytes",
        "Of all processes of a server, what they share counted once.",
        ("sum by (instance) (flowship_memory_bytes{$target})", "{{instance}}"),
    ),
    panel(
        "Restarts",
        "short",
        "Workers that were lost (killed, out of memory, hung), workers and servers that were started, an hour.",
        ("sum(increase(flowship_worker_losses_total{$target}[1h]))", "workers lost"),
        ("sum(increase(flowship_worker_starts_total{$target}[1h]))", "workers started"),
        ("sum(changes(flowship_start_timestamp_seconds{$target}[1h]))", "servers started"),
    ),
    panel(
        "Checks of /ready",
        "short",
        "1 where each server passes the check.",
        ("min by (check) (flowship_ready{$target})", "{{check}}"),
    ),
    replace(
        panel(
            "Disk",
            "percent",
            "Used of the file systems on which databases and artifacts are, where they are files.",
            (
                "100 * max by (directory) (1 - flowship_disk_free_bytes{$target} / flowship_disk_size_bytes{$target})",
                "{{directory}}",
            ),
        ),
        most=100,
    ),
)

DATABASES_AND_LOG_INS = (
    panel(
        "Connections of workers",
        "short",
        "Connections to databases that workers hold.",
        ("sum by (state) (flowship_database_connections{$target})", "{{state}}"),
    ),
    replace(
        panel(
            "Connections of the database's server",
            "percent",
            "Taken by anybody, of those that it lets in. Nothing for SQLite.",
            (
                "max by (part) (100 * flowship_database_server_connections{$target}"
                " / flowship_database_server_connections_limit{$target})",
                "{{part}}",
            ),
        ),
        most=100,
    ),
    replace(
        panel(
            "Log-ins",
            "reqps",
            "Requests with credentials, by what they led to.",
            ("sum by (result) (rate(flowship_authentications_total{$target}[$__rate_interval]))", "{{result}}"),
        ),
        stacked=True,
    ),
    panel(
        "Directory or provider away",
        "short",
        "1 while the directory does not answer; and log-ins that could not be verified, a second.",
        ("max(flowship_directory_down{$target})", "directory away"),
        (
            'sum(rate(flowship_authentications_total{$target, result="unavailable"}[$__rate_interval])) or vector(0)',
            "not verified",
        ),
    ),
    stat(
        "Certificate ends in",
        "s",
        "Of the certificate that the server was started with; nothing where something in front of it ends TLS.",
        "min(flowship_certificate_end_timestamp_seconds{$target}) - time()",
        (0, RED),
        (14 * 86400, GREEN),
    ),
    stat(
        "Migrations pending",
        "short",
        "Databases that are not at the revision of this MLflow.",
        "sum(max by (part) (flowship_migration_pending{$target}))",
        (0, GREEN),
        (1, RED),
    ),
)

OVERVIEW = Dashboard(
    "flowship-overview",
    "MLflow / Overview",
    "How the servers of MLflow by Flowship are: requests, processes, databases, log-ins.",
    (("Now", NOW), ("Requests", TRAFFIC), ("Processes", PROCESSES), ("Databases and log-ins", DATABASES_AND_LOG_INS)),
)


def _per_minute(table: str) -> str:
    return f'clamp_min(60 * max(deriv(flowship_rows{{$target, table="{table}"}}[30m])), 0)'


AMOUNTS = (
    stat("Experiments", "short", "That are not deleted.", 'max(flowship_experiments{$target, stage="active"})'),
    stat("Runs", "short", "That are not deleted.", 'sum(max by (status) (flowship_runs{$target, stage="active"}))'),
    stat(
        "Running",
        "short",
        "Runs that have not ended; a job that was killed leaves its run so.",
        'max(flowship_runs{$target, status="RUNNING", stage="active"}) or vector(0)',
    ),
    stat("Values of metrics", "short", "As the database estimates.", 'max(flowship_rows{$target, table="metrics"})'),
    stat("Traces", "short", "As the database estimates.", 'max(flowship_rows{$target, table="trace_info"})'),
    stat("Database", "bytes", "Size on disk.", 'max(flowship_database_size_bytes{$target, part="tracking"})'),
)

TRACKED = (
    replace(
        panel(
            "Runs by state",
            "short",
            "Runs that are not deleted.",
            ('max by (status) (flowship_runs{$target, stage="active"})', "{{status}}"),
        ),
        stacked=True,
    ),
    panel(
        "Experiments",
        "short",
        "By stage.",
        ("max by (stage) (flowship_experiments{$target})", "{{stage}}"),
    ),
    panel(
        "Runs and traces a minute",
        "short",
        "Runs that clients create through these servers, and by how much the number of traces grows.",
        (
            '60 * sum(rate(mlflow_http_request_duration_seconds_count{$target, route=~".*/runs/create", '
            'status="200"}[$__rate_interval])) or vector(0)',
            "runs",
        ),
        (_per_minute("trace_info"), "traces"),
    ),
    panel(
        "Values written a minute",
        "short",
        "By how much the numbers of rows grow, as the database estimates them.",
        *(
            (_per_minute(table), words)
            for table, words in {"metrics": "metrics", "params": "parameters", "tags": "tags", "spans": "spans"}.items()
        ),
    ),
    panel(
        "Rows",
        "short",
        "As the database estimates.",
        ("max by (table) (flowship_rows{$target})", "{{table}}"),
    ),
    panel(
        "Artifacts through the server",
        "Bps",
        "Bytes a second that the server carries; what clients exchange with a store directly is not in it.",
        (
            "sum by (direction) (rate(flowship_artifact_bytes_total{$target}[$__rate_interval]))",
            "{{direction}}",
        ),
    ),
    panel(
        "Size of databases",
        "bytes",
        "On disk.",
        ("max by (part) (flowship_database_size_bytes{$target})", "{{part}}"),
    ),
    panel(
        "Logging requests",
        "reqps",
        "Requests of training jobs, a second.",
        (
            "sum by (route) (rate(mlflow_http_request_duration_seconds_count{$target, "
            'route=~".*/runs/(log-.+|set-tag|create|update)"}[$__rate_interval]))',
            "{{route}}",
        ),
    ),
    panel(
        "Age of these numbers",
        "s",
        "Since the databases were last asked for what is in them, and how long that took.",
        ("time() - max(flowship_domain_metrics_timestamp_seconds{$target})", "age"),
        ("max(flowship_domain_metrics_seconds{$target})", "took"),
    ),
)

TRACKING = Dashboard(
    "flowship-tracking",
    "MLflow / Tracking",
    "What is tracked with MLflow by Flowship: experiments, runs, traces, metrics, artifacts.",
    (("Now", AMOUNTS), ("Over time", TRACKED)),
)

DASHBOARDS = {"overview": OVERVIEW, "tracking": TRACKING}
