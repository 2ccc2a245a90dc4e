# syntax=docker/dockerfile:1
# The front end's files behind an nginx that is nobody: `docker build -f images/web.Dockerfile -t nightowl-web .`
ARG NODE=24-bookworm-slim
ARG NGINX=1.29-alpine

FROM docker.io/library/node:${NODE} AS build
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
# The types come from the API's document, which stands where the sources look for it.
COPY services/query/src/nightowl_query/openapi.json /build/services/query/src/nightowl_query/openapi.json
COPY web ./
COPY tools/cli/src/nightowl_cli/pack.mjs /build/pack.mjs
RUN npm run build && node /build/pack.mjs dist

FROM docker.io/nginxinc/nginx-unprivileged:${NGINX} AS web
LABEL org.opencontainers.image.title="NightOwl web" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY images/nginx.conf images/proxy.conf /etc/nginx/
COPY --from=build /build/web/dist /srv/web
USER 101:101
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
# Without the base image's own entry point, which would write its configuration anew at each start.
ENTRYPOINT ["nginx", "-g", "daemon off;"]
