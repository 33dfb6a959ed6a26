# The gateway and what it needs to run, on Node's own image: docker build -t kpow-gateway .
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && chmod +x dist/main.js
# Types and source maps are for those who develop; at run time nothing reads them.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && find dist node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kpow-gateway" \
  org.opencontainers.image.description="One HTTPS address for kPow and its sibling tools" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
  KPOW_GATEWAY_CONFIG=/etc/kpow-gateway/gateway.yaml
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
COPY config/gateway.yaml /etc/kpow-gateway/
# Group 0 may write what the user may: OpenShift runs containers under a user of its own choice in that group.
RUN ln -s /app/dist/main.js /usr/local/bin/kpow-gateway \
  && mkdir /certs && chown 1001:0 /certs && chmod 0770 /certs
# File names in the configuration start here: certs/tls.crt is /certs/tls.crt.
WORKDIR /
# Also writable when the root file system is not, so that a first start without a certificate can make one.
VOLUME /certs
USER 1001:0
EXPOSE 8443 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s --retries=3 CMD ["node", "/app/dist/main.js", "healthcheck"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
