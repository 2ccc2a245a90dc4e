# syntax=docker/dockerfile:1
# All five services and the CLI, one image: `docker build -f images/services.Dockerfile -t nightowl .`, then
# `nightowl run <service>`. What goes in is generated (images/packages.txt, images/*.lock): nothing of the servers and
# tools that tests bring along. The Python is the one that the tests run on.
ARG PYTHON=3.11-slim-bookworm

FROM docker.io/library/python:${PYTHON} AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /build
SHELL ["/bin/sh", "-euc"]

# uv by its hash from the lock, as ./dev takes it.
COPY requirements.lock ./
RUN awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock > uv.lock \
    && python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r uv.lock

COPY images/requirements.lock images/build.lock images/
RUN uv venv /opt/nightowl && uv venv tools \
    && uv pip sync --no-cache --python /opt/nightowl --require-hashes images/requirements.lock \
    && uv pip sync --no-cache --python tools --require-hashes images/build.lock

COPY images/packages.txt images/
COPY schemas schemas
COPY libs libs
COPY services services
COPY tools/cli tools/cli
RUN while read -r folder; do uv build --quiet --wheel --no-sources --no-build-isolation --python tools -o wheels "$folder"; done < images/packages.txt \
    && uv pip install --no-cache --offline --no-deps --python /opt/nightowl wheels/*.whl

# For a demo alone: fake providers, which print what people would have received.
FROM build AS fakes-build
COPY images/fakes.lock images/
RUN uv pip install --no-cache --python /opt/nightowl --require-hashes -r images/fakes.lock \
    && for folder in libs/embedded libs/testkit; do uv build --quiet --wheel --no-sources --no-build-isolation --python tools -o fakes "$folder"; done \
    && uv pip install --no-cache --offline --no-deps --python /opt/nightowl fakes/*.whl

FROM docker.io/library/python:${PYTHON} AS base
LABEL org.opencontainers.image.title="NightOwl" \
      org.opencontainers.image.description="Alerting and on-call paging that engineers trust at 3am" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/nightowl/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NIGHTOWL_HOST=0.0.0.0 \
    NIGHTOWL_PORT=8080
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080

FROM base AS fakes
COPY --from=fakes-build /opt/nightowl /opt/nightowl
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m", "nightowl_testkit.fakes"]

FROM base AS services
COPY --from=build /opt/nightowl /opt/nightowl
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as ask; ask.urlopen(f\"http://127.0.0.1:{os.environ['NIGHTOWL_PORT']}/healthz\", timeout=2)"]
ENTRYPOINT ["nightowl"]
CMD ["--help"]
