"""A local stand-in for the Opsgenie REST API: same paths, same answers, state in memory."""
