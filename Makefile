.DEFAULT_GOAL := help
GOARCH ?= $(shell go env GOARCH)
GROUPS := $(notdir $(patsubst %/,%,$(dir $(wildcard functions/*/main.go))))
ENGINE := tools/node_modules/.package-lock.json
BINARY := go build -tags lambda.norpc -trimpath -ldflags='-s -w'

export CGO_ENABLED := 0
export GOFLAGS := -buildvcs=false

.PHONY: help
help: ## explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: bin/contacts ## start the platform on 127.0.0.1:3000, data kept in .data/
	@exec bin/contacts serve

.PHONY: serve
serve: bin/contacts ## start it with your own flags: make serve ARGS="--port 0 --data DIR"
	@exec bin/contacts serve $(ARGS)

.PHONY: bin/contacts
bin/contacts: $(ENGINE)
	@echo "compiling contacts (the first time takes a minute or two)"
	@go build -o $@ ./cmd/contacts

# The DynamoDB engine of the local run and of the tests: a binary inside an npm package.
$(ENGINE): tools/package.json tools/package-lock.json
	@command -v npm >/dev/null || { echo "contacts: npm is missing: install Node.js 20 or later, then try again" >&2; exit 1; }
	@echo "installing the DynamoDB engine"
	@npm ci --prefix tools --no-audit --no-fund --loglevel=error >/dev/null

.PHONY: test
test: $(ENGINE) ## run all tests
	go vet ./...
	go test ./...

.PHONY: build
build: $(addprefix build/,$(addsuffix /bootstrap,$(GROUPS))) ## build every function for Lambda: make build GOARCH=arm64

.PHONY: $(addprefix build/,$(addsuffix /bootstrap,$(GROUPS)))
build/%/bootstrap:
	GOOS=linux GOARCH=$(GOARCH) $(BINARY) -o $@ ./functions/$*

# What `sam build` calls for a function of the template, by its logical id.
build-%Function:
	GOOS=linux GOARCH=$(if $(filter x86_64,$(SAM_ARCHITECTURE)),amd64,$(if $(filter arm64,$(SAM_ARCHITECTURE)),arm64,$(GOARCH))) \
	  $(BINARY) -o $(ARTIFACTS_DIR)/bootstrap ./functions/$(shell echo $* | tr A-Z a-z)

.PHONY: openapi
openapi: ## write api/openapi.yaml anew from the code
	go run ./cmd/contacts openapi > api/openapi.yaml.new && mv api/openapi.yaml.new api/openapi.yaml

.PHONY: clean
clean: ## remove what was built; .data/ stays
	rm -rf bin build .aws-sam
