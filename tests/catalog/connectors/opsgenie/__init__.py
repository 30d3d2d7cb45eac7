import pytest

# Their assertions show values too: they are asserted by tests here and end to end.
pytest.register_assert_rewrite(f"{__name__}.desk", f"{__name__}.stories")
