from tests.connectors import connector, few_tools

__all__ = ["connector", "few_tools"]
