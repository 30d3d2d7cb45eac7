"""Whatever a secret is printed, copied or exported by, its text doesn't come out."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import traceback
from typing import Any

import pytest
from django.core.management import call_command
from django.core.serializers.base import DeserializationError

from catalog.fields import REDACTED, Secret
from catalog.models import Credential, Server

TEXT = "canary-7f3a9c51e2"
BINDING = {"credential": "1", "server": "2"}


@pytest.fixture(params=["new", "stored"])
def secret(request: pytest.FixtureRequest) -> Any:
    """A secret as the code that stores it has it, and as a row read from the database has it."""
    new = Secret.new(TEXT, binding=BINDING)
    if request.param == "new":
        return new
    field = Credential._meta.get_field("secret")
    return Secret(ciphertext=field.fernet.encrypt(new.sealed_text().encode()), field=field)


def test_its_text_comes_back_for_the_binding_it_was_made_with(secret: Secret) -> None:
    assert secret.reveal(binding=dict(BINDING)) == TEXT


@pytest.mark.parametrize(
    "printed",
    [
        repr,
        str,
        ascii,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r}",
        lambda secret: "%s" % secret,  # noqa: UP031
        lambda secret: "%r" % secret,  # noqa: UP031
        lambda secret: "%s" % {"key": [secret]},  # noqa: UP031
        "{}".format,
        "{0!s} {0!r}".format,
        lambda secret: str([secret]),
        lambda secret: str(ValueError(secret)),
        lambda secret: json.dumps(secret, default=str),
        lambda secret: str(dir(secret)),
    ],
)
def test_printing_it_gives_the_mark(secret: Secret, printed: Any) -> None:
    text = printed(secret)
    assert TEXT not in text
    assert REDACTED in text or "reveal" in text


def test_a_format_specification_is_refused_rather_than_obeyed(secret: Secret) -> None:
    with pytest.raises(TypeError) as caught:
        format(secret, ">40")
    assert TEXT not in str(caught.value)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(secret: Secret, protocol: int) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret, protocol=protocol)


def test_a_deep_copy_is_the_secret_itself_and_prints_as_the_mark(secret: Secret) -> None:
    copied = copy.deepcopy({"secret": secret})
    assert repr(copied) == f"{{'secret': {REDACTED}}}"
    assert copied["secret"].reveal(binding=BINDING) == TEXT


def test_a_logged_one_prints_as_the_mark(secret: Secret, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("tests").warning("Stored %s and %r", secret, secret)
    assert TEXT not in caplog.text
    assert caplog.text.count(REDACTED) == 2


def test_a_traceback_through_it_does_not_hold_the_text(secret: Secret) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        secret.reveal(binding={"credential": "another"})
    assert TEXT not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("form", ["json", "jsonl", "xml"])
def test_an_export_of_the_database_holds_the_mark_instead(server: Server, form: str) -> None:
    ciphertext = server.credentials.get().secret.ciphertext.decode()
    output = io.StringIO()
    call_command("dumpdata", "catalog", format=form, stdout=output)
    exported = output.getvalue()
    assert REDACTED in exported
    assert server.credentials.get().last_four in exported  # the row is there, its secret isn't
    assert ciphertext not in exported


def test_an_export_loaded_again_is_refused_rather_than_storing_the_mark_as_a_key(
    server: Server, tmp_path: Any
) -> None:
    path = tmp_path / "export.json"
    call_command("dumpdata", "catalog.credential", output=str(path))
    with pytest.raises(DeserializationError):
        call_command("loaddata", str(path))


def test_a_credential_prints_without_its_text(server: Server) -> None:
    credential = server.credentials.get()
    assert str(credential) == "integration …e1f0"
    assert repr(credential.__dict__).count(REDACTED) == 1
