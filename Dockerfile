# The platform on one machine: `contacts serve` with its DynamoDB engine. compose.yaml says how to run it.
FROM --platform=$BUILDPLATFORM node:22-slim AS engine
ARG TARGETARCH
WORKDIR /src
COPY tools/package.json tools/package-lock.json tools/
RUN npm ci --prefix tools --no-audit --no-fund --os=linux --cpu="$(echo "$TARGETARCH" | sed 's/amd64/x64/')" \
  && ls tools/node_modules/@dynoxide/*/dynoxide # npm passes over what is optional

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETARCH
ARG COMMIT=unknown
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -buildvcs=false -trimpath -ldflags="-s -w -X contacts/pkg/version.commit=$COMMIT" -o /out/contacts ./cmd/contacts \
  && mkdir /out/data

FROM gcr.io/distroless/static-debian12:nonroot
WORKDIR /app
COPY --from=build /out/contacts /src/template.yaml ./
COPY --from=engine /src/tools tools
COPY --from=build --chown=nonroot:nonroot /out/data /data
VOLUME /data
EXPOSE 3000 3001
ENTRYPOINT ["/app/contacts"]
# Pictures are read from the S3 server at the second port, so that has to be the same outside.
CMD ["serve", "--host", "0.0.0.0", "--port", "3000", "--s3-port", "3001", "--data", "/data"]
