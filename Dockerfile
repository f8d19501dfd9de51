# syntax=docker/dockerfile:1
# The image of Collab: built with pinned libraries, run by a user without rights.
# The base is named by its exact tag; pin it by digest where you build it.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/collab \
    && /opt/collab/bin/pip install --quiet --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE manifest.yml ./
COPY bot ./bot
COPY collab ./collab
COPY storage ./storage
COPY templates ./templates
RUN /opt/collab/bin/pip install --quiet --no-deps --no-build-isolation .

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 collab \
    && useradd --uid 10001 --gid collab --no-create-home --home-dir /var/lib/collab collab \
    && install -d -o collab -g collab -m 0700 /var/lib/collab
COPY --from=build /opt/collab /opt/collab
ENV PATH=/opt/collab/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    COLLAB_LISTEN=0.0.0.0:3000 \
    COLLAB_FILES=/var/lib/collab/files \
    DATABASE_URL=sqlite:////var/lib/collab/collab.sqlite3
WORKDIR /var/lib/collab
VOLUME /var/lib/collab
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3000/livez', timeout=4)"]
ENTRYPOINT ["collab"]
CMD ["run"]
