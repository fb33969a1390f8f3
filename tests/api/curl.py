"""Enough of curl to run the lines in docs/api.md on a machine that has none."""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-sS", action="store_true")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="body")
    parser.add_argument("url")
    asked = parser.parse_args()
    body = asked.body.encode() if asked.body is not None else None
    headers = dict(header.split(": ", 1) for header in asked.headers)
    request = urllib.request.Request(asked.url, body, headers, method=asked.method)
    try:
        answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    sys.stdout.write(answer.read().decode())


if __name__ == "__main__":
    main()
