"""How a sign-in's questions to another server are asked: with an end to every wait and to every answer. Knows no network."""

from __future__ import annotations

import io
import time
from typing import Any

import requests
import urllib3
from requests.utils import get_environ_proxies

from monitor.config_names import is_loopback
from monitor.system_trust import SystemTrust

LONGEST = 64 * 1024  # bytes of an answer
PATIENCE = 20.0  # seconds for one whole answer
TIMEOUT = (5.0, 10.0)  # seconds to connect, and between two bytes


class Careful(SystemTrust):
    """Timeouts on everything, an end to every answer, and the environment's proxies except to this machine itself."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        host = urllib3.util.parse_url(request.url or "").host or ""
        proxies = {} if is_loopback(host) else get_environ_proxies(request.url or "", no_proxy=None)
        ends = time.monotonic() + PATIENCE
        answer = super().send(request, stream=True, timeout=TIMEOUT, verify=True, proxies=proxies)
        body = b""
        try:
            while part := answer.raw.read1(LONGEST, decode_content=True):
                body += part
                if len(body) > LONGEST or time.monotonic() > ends:
                    raise requests.exceptions.ContentDecodingError
        finally:
            answer.close()
        answer.raw = io.BytesIO(body)
        return answer
