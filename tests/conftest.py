"""What tests of the workspace and of all above it share."""

from tests.databases import empty_workspace, server, url

__all__ = ["empty_workspace", "server", "url"]
