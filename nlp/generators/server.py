"""A generator behind an OpenAI-compatible server: vLLM, llama.cpp, `transformers serve`, or a service on the network.

The request is retried, with growing pauses of random length, only as long as nothing was received and time is left. The
connection is read in a thread of its own, so that a server that stalls or drips holds nobody up beyond the budget.
"""

import random
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nlp.errors import GeneratorError
from nlp.generators import GeneratorConfig
from nlp.generators.base import Budget, Task
from nlp.generators.mailbox import Mailbox
from nlp.generators.prompts import Messages, messages

if TYPE_CHECKING:
    from openai import OpenAI

_CONNECT_SECONDS = 5.0
_FIRST_PAUSE = 0.25  # seconds; each further pause is up to twice as long
_NO_KEY = "none"  # servers of one's own take any key, and the library insists on one
# Models that think aloud are asked not to: vLLM, llama.cpp and transformers read this, others may refuse it.
_QUIET = {"chat_template_kwargs": {"enable_thinking": False}}


class OpenAIGenerator:
    """Streams chat completions. `key` is sent to the server and shown nowhere."""

    phrases = True

    def __init__(self, config: GeneratorConfig) -> None:
        self.name = f"openai:{config.model}"
        self._model, self._url, self._retries = config.model, config.url, config.retries
        self._client = _client(config)
        self._extra: dict[str, Any] = _QUIET

    def stream(self, task: Task, budget: Budget) -> Iterator[str]:
        """See `Generator.stream`."""
        mailbox = Mailbox()
        asked = messages(task)
        threading.Thread(
            target=self._fetch, args=(asked, budget, mailbox), name="generator-server", daemon=True
        ).start()
        return mailbox.read(budget)

    def close(self) -> None:
        """See `Generator.close`."""
        self._client.close()

    def _fetch(self, asked: Messages, budget: Budget, mailbox: Mailbox) -> None:
        """Request and read, with retries, into the mailbox."""
        for attempt in range(self._retries + 1):
            try:
                self._receive(asked, budget, mailbox)
                return mailbox.close()
            except GeneratorError as error:
                return mailbox.close(error)
            except Exception as error:  # the library lets errors of its HTTP client and of JSON through
                pause = _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
                hopeless = attempt == self._retries or mailbox.left or not self._may_retry(error)
                if hopeless or pause > budget.left or budget.cancel.wait(pause):
                    return mailbox.close(self._failure(error))
        return None

    def _receive(self, asked: Messages, budget: Budget, mailbox: Mailbox) -> None:
        answer: Any = self._client.chat.completions.create(
            model=self._model,
            messages=asked,  # type: ignore[arg-type]
            max_tokens=budget.tokens,
            temperature=0,
            stream=True,
            timeout=_timeout(budget),
            extra_body=self._extra,
        )
        with answer:
            end = None
            for chunk in answer:
                if mailbox.left or budget.spent:
                    return
                for choice in chunk.choices:
                    mailbox.put(choice.delta.content or "")
                    end = choice.finish_reason or end
        if end not in ("stop", "length"):
            raise GeneratorError(f"generator server {self._url!r} ended its answer early ({end or 'no reason given'})")

    def _may_retry(self, error: Exception) -> bool:
        """True for what may go better next time; a server that refuses the extra field is asked without it."""
        import openai

        if isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError) and self._extra:
            self._extra = {}
            return True
        return isinstance(error, openai.APIConnectionError | openai.InternalServerError | openai.RateLimitError)

    def _failure(self, error: Exception) -> GeneratorError:
        status = getattr(error, "status_code", None)
        reason = f"status {status}" if status else type(error).__name__
        advice = "check DAWEN_GENERATOR_KEY" if status in (401, 403) else "check its address, its model and its log"
        return GeneratorError(f"generator server {self._url!r} did not answer ({reason}): {advice}")


def _client(config: GeneratorConfig) -> "OpenAI":
    if not config.model or not config.url.startswith(("http://", "https://")):
        raise GeneratorError(
            f"generator 'openai' needs a model and the address of its server, like 'http://127.0.0.1:8000/v1'; "
            f"they are {config.model!r} and {config.url!r}"
        )
    try:
        from openai import OpenAI
    except ImportError as error:
        raise GeneratorError("generator 'openai' needs a library: pip install openai") from error
    return OpenAI(base_url=config.url, api_key=config.key or _NO_KEY, max_retries=0)


def _timeout(budget: Budget) -> Any:
    from openai import Timeout

    left = max(budget.left, 0.001)
    return Timeout(left, connect=min(left, _CONNECT_SECONDS))
