"""The Opsgenie connector: a table of operations and the few modules that carry one out.

Read `operation.py` for the vocabulary, then any module of `domains/` for its use. `composite.py` and
`composites/` are for questions that take several operations.
"""
