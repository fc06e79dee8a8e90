"""A local stand-in for Telegram: a Bot API server on loopback and a page on which a person plays the users.

`dawen run` without a token starts it and the real bot against it; the tests do the same. Every Bot API client
library can talk to it, because it keeps the rules of the real server: its errors, its limits, its updates.

    people, model, state, events, journal, world      what there is, how it changes, how it is kept
    files, images, reactions, membership              the rules of some of it
    text/                                             styled text: HTML, Markdown, entities, UTF-16 offsets
    api, parameters, methods/, render, errors         the Bot API: from a request to an effect and an answer
    updates, bell, webhook, limits, faults            delivery, flood limits, planned failures
    simulation, spectator                             the users' side, for the page and for tests
    page, view, actions, static/                      the chat page
    server, guard, requests                           HTTP, for this machine only

Nothing here imports the rest of the project.
"""
