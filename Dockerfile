# The image of Flowship: MLflow, the database drivers, the object stores' clients and Flowship. docs/how-to/image.md says more.

# Pin it by digest for builds that can be repeated: --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:...
ARG PYTHON_IMAGE=python:3.13-slim


FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
ENV UV_NO_CACHE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never

COPY requirements/installer.txt requirements/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/installer.txt

# Each requirements file has a layer of its own, so that a change of Flowship's code downloads nothing.
COPY requirements/image.txt requirements/
RUN python -m venv --without-pip /opt/flowship \
 && uv pip install --python /opt/flowship/bin/python --require-hashes --only-binary :all: -r requirements/image.txt

# What no server reads: the libraries' own tests and C sources, and the scripts that activate a virtual environment in a
# shell. MLflow stays whole.
RUN find /opt/flowship/lib -path '*/site-packages/mlflow' -prune -o \
      \( -type d \( -name test -o -name tests \) -prune -o -name '*.[ch]' -o -name '*.[ch]pp' -o -name '*.pyx' -o -name '*.px[di]' \) \
      -exec rm -r {} + \
 && rm /opt/flowship/bin/activate* /opt/flowship/bin/Activate.ps1

# Bytecode that is never compared with its source: nobody edits a read-only file system, and a builder or registry that
# sets other file times cannot make it stale, after which every process would compile everything again.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/flowship/lib

COPY . .
RUN uv build --wheel --no-build-isolation --python "$(command -v python)" --out-dir dist \
 && uv pip install --python /opt/flowship/bin/python --no-deps dist/*.whl \
 && python -m compileall -q --invalidation-mode unchecked-hash /opt/flowship/lib/python3*/site-packages/flowship

# What is installed runs, and is what the labels below say.
ARG FLOWSHIP_VERSION=1.0.0
ARG MLFLOW_VERSION=3.17.2
RUN ["/opt/flowship/bin/python", "-c", "import os\nfrom importlib.metadata import version\nfor name in ('flowship', 'mlflow'):\n    said, found = os.environ[f'{name.upper()}_VERSION'], version(name)\n    assert said == found, f'{name} is {found}, but the build argument says {said}'"]
RUN ["/opt/flowship/bin/flowship", "check"]


FROM ${PYTHON_IMAGE}
# The official image has no bytecode of the standard library, and a server has no use for pip.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x '/(ensurepip|idlelib|site-packages|tkinter|turtledemo)/' \
      "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
 && python -m pip --no-cache-dir uninstall --quiet --yes --root-user-action ignore pip \
 && groupadd --gid 1001 flowship \
 && useradd --uid 1001 --gid 1001 --no-create-home --home-dir /var/lib/flowship --shell /usr/sbin/nologin flowship \
 && install -d -o 1001 -g 1001 -m 0700 /var/lib/flowship /etc/mlflow/auth \
 && install -d -m 0755 /etc/flowship
COPY --from=build /opt/flowship /opt/flowship

# HOME is for caches of libraries: they go with the container, and the data directory stays the user's. GitPython, which
# MLflow's clients use, refuses to be imported where git is not installed unless it is told to be quiet.
ENV PATH=/opt/flowship/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    GIT_PYTHON_REFRESH=quiet
USER 1001:1001
WORKDIR /var/lib/flowship
EXPOSE 5000 9000
ENTRYPOINT ["flowship"]
CMD ["serve"]

ARG FLOWSHIP_VERSION=1.0.0
ARG MLFLOW_VERSION=3.17.2
ARG REVISION=
LABEL org.opencontainers.image.title="Flowship" \
      org.opencontainers.image.description="The MLflow tracking server for teams, from one values file." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${FLOWSHIP_VERSION}-mlflow${MLFLOW_VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
