"""The web server: health, metrics, the webhook, and a REST API over the same use cases as the chat."""
