from tests.connectors import connector

__all__ = ["connector"]
