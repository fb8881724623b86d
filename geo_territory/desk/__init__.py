"""The desk a draft is edited at: it keeps each edit, then answers with what changed."""
