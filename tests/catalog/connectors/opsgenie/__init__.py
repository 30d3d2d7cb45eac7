import pytest

# Their assertions show values too: they are asserted by tests here and end to end.
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in ("contract", "desk", "office", "stories")))
