"""Asks for early answers over HTTP/2 with httpx: early_answers.py PORT CA_FILE. One line for each: the status, or the failure."""

import ssl
import sys

import httpx

JSON = {"content-type": "application/json"}
LARGE = b" " * 1_500_000
REQUESTS = [
    ("POST", "/v1/testing/echo:user", JSON, b'{"text":"a"}'),
    ("POST", "/v1/testing/echo:user", JSON, LARGE),
    ("POST", "/nope", JSON, LARGE),
    ("DELETE", "/v1/testing/echo", JSON, LARGE),
    ("POST", "/v1/testing/echo", {**JSON, "accept": "image/png"}, LARGE),
    ("POST", "/v1/testing/echo", JSON, LARGE),
    ("POST", "/v1/testing/echo", {"content-type": "text/plain"}, LARGE),
    ("POST", "/v1/testing/things:import", {"content-type": "application/x-ndjson"}, b'{"nope":1}\n' + LARGE),
    ("POST", "/v1/testing/fail", {}, b""),
]


def pieces(body):
    """The body without a length, so that its end is a frame of its own."""
    for start in range(0, len(body), 16_000):
        yield body[start : start + 16_000]


def main(port, ca_file):
    tls = ssl.create_default_context(cafile=ca_file)
    for method, path, headers, body in REQUESTS:
        for content in (body, pieces(body)):
            # A connection of its own: the next request must not inherit what is wrong with the last.
            with httpx.Client(http1=False, http2=True, verify=tls) as client:
                try:
                    answer = client.request(
                        method, f"https://localhost:{port}{path}", headers=headers, content=content
                    )
                    print(answer.status_code, answer.http_version, answer.json().get("status", ""))
                except httpx.HTTPError as error:
                    print(f"{method} {path}: {error!r}")


main(int(sys.argv[1]), sys.argv[2])
