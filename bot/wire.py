"""The connection to a Bot API server."""

import json
from typing import Any

from telegram.error import NetworkError
from telegram.request import HTTPXRequest


class Wire(HTTPXRequest):
    """As its parent, which logs what it cannot read: that may be what people wrote."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer of a server.

        Raises:
            NetworkError: it is none of a Bot API server, or not whole.
        """
        try:
            answer = json.loads(payload)
        except ValueError as error:
            raise NetworkError("the answer is not JSON") from error
        if not isinstance(answer, dict):
            raise NetworkError("the answer is not that of a Bot API server")
        return answer
