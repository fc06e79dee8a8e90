"""What tests share: databases, small deterministic models, a running bot on the local Bot API server."""
