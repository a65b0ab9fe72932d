# Everything Tenthcup is built, tested and measured with. Needs Go and make.
# Tools are pinned here, not in go.mod, so that the program does not depend on them.
GOFUMPT     = go run mvdan.cc/gofumpt@v0.10.0
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME   ?= 30s
SEEDS      ?= 300
HISTORIES  ?= 1000000
KILLS      ?= 5000
CUTS       ?= 50

export CGO_ENABLED ?= 0

.PHONY: run build test strace check race bench soak fuzz simulations kills cuts crowd filesystems screens

run: build ## open the cashier screen on a throwaway café with its own server
	@bin/tenthcup demo

build:
	@go build -trimpath -o bin/tenthcup ./cmd/tenthcup

test: strace ## every test; installs what they need and says so
	go test ./...

# strace makes a sync fail, in the test of what becomes of an entry then.
strace:
	@command -v strace >/dev/null || { \
		echo "the tests need strace; installing it: apt-get install -y strace"; \
		{ apt-get install -y -qq strace || { apt-get update -qq && apt-get install -y -qq strace; }; } >/dev/null 2>&1 || \
		{ echo "could not; please install strace with your package manager and run make again"; exit 1; }; }

check: ## what must hold before a commit
	@files=$$($(GOFUMPT) -l .); test -z "$$files" || { echo "gofumpt these:" $$files; exit 1; }
	go vet ./...
	go vet -tags soak ./store/bolt
	$(STATICCHECK) ./...
	go fix -diff ./...
	go test ./cmd
	$(MAKE) race

# The race detector needs cgo, and so a C compiler; without one the same tests run
# without it, and say so.
race: strace
	@if command -v "$$(CGO_ENABLED=1 go env CC)" >/dev/null 2>&1; then \
		echo CGO_ENABLED=1 go test -race ./...; CGO_ENABLED=1 go test -race ./...; \
	else echo "no C compiler, so no race detector: install one to check for races"; go test ./...; fi

# What takes long by itself is measured less often: all of it is a quarter of an hour.
bench: ## our figures beside the floor, measured in the same run
	go test -run '^$$' -bench 'Action$$|Take|ByName|Report' -benchtime 500x -timeout 30m ./store/bolt
	go test -run '^$$' -bench 'OldTill' -benchtime 500x -timeout 30m ./store/bolt
	go test -run '^$$' -bench 'Load|EachSums' -benchtime 2x -timeout 30m ./store/bolt
	go test -run '^$$' -bench . -benchtime 500x -timeout 30m ./store/seal ./pos/rules ./tui ./tui/bidi
	go test -run '^$$' -bench . -benchtime 20x -timeout 30m ./sync/client ./sync/wire
	go test -run '^$$' -bench . -benchtime 1x -timeout 30m ./cmd/tenthcup

soak: fuzz simulations crowd kills cuts ## what is too long for every day: hours

fuzz: ## every target for FUZZTIME
	@for target in $$(grep -rl '^func Fuzz' --include=*_test.go . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -rhoE '^func (Fuzz[A-Za-z]*)' $$target/*_test.go | awk '{print $$2}'); do \
			echo "$$target $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$target || exit 1; \
		done; \
	done

simulations: ## SEEDS of the simulation, and many histories against the plain model
	go test ./sync/client -run Simulation -count $(SEEDS) -steps 1200 -timeout 4h
	go test ./sync/simulation -seeds $(SEEDS) -timeout 4h
	go test ./pos/ledger -run 'PlainModels|UndoesExactly' -histories $(HISTORIES) -timeout 4h
	go test ./store/bolt -run CentralIsThePlainModel -rounds $$(( $(HISTORIES) / 1000 )) -timeout 4h

crowd: ## a new till that is told of 1,000,000 members
	go test ./sync/client -run '^$$' -bench NewTill -benchtime 1x -members 1000000 -timeout 1h

kills: strace ## KILLS of a till and its server at random moments
	go test ./cmd/tenthcup -run KilledAtAnyMoment -v -kills $(KILLS) -timeout 4h

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
