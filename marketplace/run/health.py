"""`python -m marketplace.run.health`: exit code 0 when the web server of this container answers.

Asks as the proxy would: by the public name and as HTTPS, which the settings insist on.
"""

from __future__ import annotations

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> int:
    host = urlsplit(os.environ.get("SITE_URL", "")).hostname or "127.0.0.1"
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    try:
        connection.request("GET", "/healthz", headers=headers)
        return 0 if connection.getresponse().status == 200 else 1
    except OSError as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
