# The image of Flowship: MLflow, the database drivers, the object stores' clients and Flowship. See docs/image.md.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
ENV PYTHONDONTWRITEBYTECODE=1 UV_NO_CACHE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
COPY requirements/installer.txt requirements/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/installer.txt
COPY requirements/image.txt requirements/
RUN python -m venv --without-pip /opt/flowship \
 && uv pip install --python /opt/flowship/bin/python --require-hashes --only-binary :all: -r requirements/image.txt
COPY requirements/image.in requirements/
RUN python -m venv --without-pip /opt/backend \
 && uv pip install --python /opt/backend/bin/python --require-hashes --only-binary :all: -r requirements/image.in
COPY . .
RUN uv build --wheel --no-build-isolation --python /opt/backend/bin/python --out-dir dist \
 && uv pip install --python /opt/flowship/bin/python --no-deps dist/*.whl
