"""The language side of Dawen: routing, retrieval, reading, summaries, training and evaluation.

Synchronous and pure: no environment, no database, no Telegram. `import nlp` builds nothing and loads no weights.
"""
