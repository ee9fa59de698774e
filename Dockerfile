# Any image with Python 3.11 or newer, as `python3`; both stages that run it use the same one.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim

# The wheel, once for all platforms: it holds no machine code.
FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS wheel
WORKDIR /build
RUN python3 -m venv tools
COPY pyproject.toml README.md LICENSE ./
COPY src src
ARG COMMIT=unknown
# Zip archives know no time before 1980; this one makes each build's wheel the same.
ENV SOURCE_DATE_EPOCH=315532800
RUN echo "$COMMIT" > src/catalyst_dns_sync/COMMIT \
 && tools/bin/pip wheel --quiet --no-cache-dir --no-deps --wheel-dir dist .

# A virtual environment without pip, for the platform. Nothing is compiled here but bytecode, which
# is not checked against the sources' times, so that it is the same in each build. What draws pages
# in colour comes with typer, is never loaded, and goes without.
FROM ${BASE_IMAGE} AS install
WORKDIR /build
RUN python3 -m venv tools && python3 -m venv --without-pip /opt/catalyst-dns-sync
COPY constraints.txt scripts/slim.py ./
COPY --from=wheel /build/dist dist
RUN tools/bin/pip --python /opt/catalyst-dns-sync/bin/python install --quiet --no-cache-dir \
      --no-compile --only-binary :all: -c constraints.txt dist/*.whl \
 && python3 slim.py /opt/catalyst-dns-sync \
 && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash \
      -x '/(markdown_it|pygments|rich)/' /opt/catalyst-dns-sync/lib

FROM ${BASE_IMAGE}
ARG VERSION=unknown
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="catalyst-dns-sync" \
      org.opencontainers.image.description="Keeps the DNS records of a Technitium server in step with Kubernetes Ingress and Traefik IngressRoute objects" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT"
COPY --from=install /opt/catalyst-dns-sync /opt/catalyst-dns-sync
ENV PATH=/opt/catalyst-dns-sync/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A number, because runAsNonRoot can't tell of a name whether it is root's.
USER 65532:65532
WORKDIR /
EXPOSE 8080 8081
ENTRYPOINT ["catalyst-dns-sync"]
CMD ["run"]
