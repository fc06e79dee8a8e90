"""A local stand-in for Telegram: a Bot API server on loopback and a page on which a person plays the users.

`dawen run` without a token starts it and the real bot against it; the tests do the same. Every Bot API client
library can talk to it, because it keeps the rules of the real server: its errors, its limits, its updates.

    people, model, state, events, journal, world    what there is, how it changes, how it is kept
    text/                                           styled text: HTML, Markdown, entities, UTF-16 offsets
    parameters, methods/, render                    the Bot API: from a request to an effect and an answer
    updates, webhook, limits, faults                delivery, flood limits, planned failures
    simulation                                      the users' side, for the page and for tests
    server, page, static/                           HTTP

Nothing here imports the rest of the project.
"""
