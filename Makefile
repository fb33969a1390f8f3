# A thin face for developers; nothing here is needed to run or to test the project.
PYTHON ?= python3
# Enough for the settings to load where no server is asked.
OFFLINE = ENTREPOT_ENV=test DATABASE_URL=postgres://none/none REDIS_URL=unix:///none

.PHONY: demo test check bench chaos pictures docs messages lock

demo test:
	$(PYTHON) manage.py $@

check:
	$(PYTHON) manage.py check_all

# Writes what it measured into docs/performance.md.
bench:
	BENCH_REPORT=docs/performance.md $(PYTHON) manage.py test bench/test_ledger.py bench/test_netting.py bench/test_releases.py

# Everything is killed, two hundred times and more, while people buy; a quarter of an hour. docs/chaos.md
chaos:
	$(PYTHON) manage.py test tests/chaos --long

# The browser tests leave their screenshots in pictures/.
pictures:
	$(PYTHON) manage.py test -m browser

# The API's schema as a file beside the prose.
docs:
	$(OFFLINE) $(PYTHON) manage.py spectacular --fail-on-warn --file docs/openapi.yaml

# Puts the texts that are new in the code into locale/*/LC_MESSAGES/django.po, empty: translate them there.
messages:
	$(PYTHON) -m marketplace.run.messages

# Needs uv on PATH.
lock:
	$(PYTHON) marketplace/run/lock.py
