"""A ciphertext opens only for the row, server, address and slot it was stored for, with a key that fits."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from cryptography.fernet import Fernet

from catalog import credentials, rotation
from catalog.fields import Secret, SecretUnreadable
from catalog.models import Credential, Server
from tests.conftest import KEY, SYSTEM, make_server

OTHER_KEY = "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"
NEW_ENCRYPTION_KEY = "tests-only: nE9wQ2rT5yU8iO1pA4sD7fG0hJ3kL6zX"


@pytest.fixture
def use_encryption_keys(settings: Any) -> Iterator[Any]:
    """Read the encryption keys again, as a restarted process does."""
    field = Credential._meta.get_field("secret")

    def forget() -> None:
        for name in ("keys", "fernet_keys", "fernet"):
            field.__dict__.pop(name, None)

    def use(*keys: str) -> None:
        settings.FERNET_KEYS = list(keys)
        forget()

    yield use
    forget()


@pytest.fixture(autouse=True)
def original_keys(settings: Any) -> list[str]:
    return list(settings.FERNET_KEYS)


def stored_bytes(credential: Credential) -> bytes:
    return Credential.objects.get(pk=credential.pk).secret.ciphertext


def copy_ciphertext(*, source: Credential, to: Credential) -> Credential:
    """What somebody with write access to the database could do."""
    Credential.objects.filter(pk=to.pk).update(secret=Credential.objects.get(pk=source.pk).secret)
    return Credential.objects.select_related("server").get(pk=to.pk)


def test_the_stored_bytes_are_not_the_text(server: Server) -> None:
    assert KEY.encode() not in stored_bytes(server.credentials.get())


def test_two_credentials_with_the_same_text_have_different_bytes(server: Server) -> None:
    second = rotation.store(actor=SYSTEM, server=server, slot="account", text=KEY)
    assert stored_bytes(server.credentials.get(slot="integration")) != stored_bytes(second)


def test_its_server_and_slot_get_the_text(server: Server) -> None:
    target, credential = credentials.target_for(server)
    assert target.headers == {"Authorization": f"GenieKey {KEY}"}
    assert credential.slot == "integration"


def test_a_ciphertext_copied_to_another_slot_of_the_server_is_refused(server: Server) -> None:
    other = rotation.store(actor=SYSTEM, server=server, slot="account", text=OTHER_KEY)
    moved = copy_ciphertext(source=server.credentials.get(slot="integration"), to=other)
    with pytest.raises(SecretUnreadable):
        moved.secret.reveal(binding=moved.binding())


def test_an_old_key_put_back_in_the_place_of_the_new_one_is_refused(server: Server) -> None:
    """Same server, same slot, same address: only the row is another."""
    old = server.credentials.get()
    new = rotation.store(actor=SYSTEM, server=server, slot="integration", text=OTHER_KEY)
    copy_ciphertext(source=old, to=new)
    with pytest.raises(SecretUnreadable):
        credentials.target_for(server)


def test_a_ciphertext_copied_to_another_server_is_refused(server: Server) -> None:
    elsewhere = make_server(name="Another", prefix="another")
    moved = copy_ciphertext(source=server.credentials.get(), to=elsewhere.credentials.get())
    with pytest.raises(SecretUnreadable):
        credentials.target_for(elsewhere)
    assert moved.secret.ciphertext is not None


def test_a_row_moved_to_another_server_is_refused(server: Server) -> None:
    elsewhere = make_server(name="Another", prefix="another")
    elsewhere.credentials.all().delete()
    Credential.objects.filter(server=server).update(server=elsewhere)
    with pytest.raises(SecretUnreadable):
        credentials.target_for(elsewhere)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:10", "https://127.0.0.1:9", "http://127.0.0.2:9", "http://attacker.example"]
)
def test_a_server_pointed_at_another_origin_gets_no_key(server: Server, address: str) -> None:
    Server.objects.filter(pk=server.pk).update(base_url=address)
    with pytest.raises(SecretUnreadable):
        credentials.target_for(Server.objects.get(pk=server.pk))


def test_another_path_on_the_same_origin_keeps_the_key(server: Server) -> None:
    Server.objects.filter(pk=server.pk).update(base_url="http://127.0.0.1:9/proxy/opsgenie")
    target, _ = credentials.target_for(Server.objects.get(pk=server.pk))
    assert target.headers["Authorization"] == f"GenieKey {KEY}"


def test_a_row_renamed_to_another_slot_is_refused(server: Server) -> None:
    Credential.objects.filter(server=server).update(slot="account")
    with pytest.raises(SecretUnreadable):
        credentials.target_for(server)


def test_no_key_that_fits_is_an_unreadable_secret(server: Server, use_encryption_keys: Any) -> None:
    use_encryption_keys(NEW_ENCRYPTION_KEY)
    with pytest.raises(SecretUnreadable, match="No configured encryption key"):
        credentials.target_for(server)


def whole_chain(error: BaseException) -> list[BaseException]:
    """The exception with everything it was raised from or during."""
    chain: list[BaseException] = []
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is not None and current not in chain:
            chain.append(current)
            pending += [current.__cause__, current.__context__]
    return chain


@pytest.mark.parametrize(
    "content",
    [
        b"not JSON: " + KEY.encode(),
        b"\xff" + KEY.encode(),
        orjson.dumps([KEY]),
        orjson.dumps(KEY),
        orjson.dumps({"secret": KEY}),
        orjson.dumps({"binding": KEY}),
        orjson.dumps({"binding": None, "secret": KEY}),
        orjson.dumps({"binding": {}, "secret": KEY}),
        orjson.dumps({"binding": {}, "secret": None}),
        b"",
    ],
)
def test_a_damaged_content_is_unreadable_and_stays_out_of_the_error(server: Server, content: bytes) -> None:
    """Encrypted with the right key by somebody who had it, or by an older version."""
    field = Credential._meta.get_field("secret")
    ciphertext = field.fernet.encrypt(content)
    credential = server.credentials.select_related("server").get()
    with pytest.raises(SecretUnreadable) as caught:
        Secret(ciphertext=ciphertext, field=field).reveal(binding=credential.binding())
    for link in whole_chain(caught.value):
        assert KEY not in repr(vars(link)) + repr(link.args) + repr(getattr(link, "doc", ""))


def test_the_ciphertext_is_not_in_the_error_of_a_wrong_key(server: Server, use_encryption_keys: Any) -> None:
    ciphertext = stored_bytes(server.credentials.get()).decode()
    use_encryption_keys(NEW_ENCRYPTION_KEY)
    with pytest.raises(SecretUnreadable) as caught:
        credentials.target_for(server)
    printed = "".join(traceback.format_exception(caught.value))
    held = "".join(repr(vars(link)) + repr(link.args) for link in whole_chain(caught.value))
    assert ciphertext not in printed + held
    assert KEY not in printed + held


def test_a_new_first_key_opens_what_the_old_one_stored_and_stores_with_itself(
    server: Server, use_encryption_keys: Any, original_keys: list[str]
) -> None:
    use_encryption_keys(NEW_ENCRYPTION_KEY, *original_keys)
    assert credentials.target_for(server)[0].headers["Authorization"] == f"GenieKey {KEY}"

    rotation.store(actor=SYSTEM, server=server, slot="integration", text=OTHER_KEY)
    use_encryption_keys(NEW_ENCRYPTION_KEY)
    assert credentials.target_for(server)[0].headers["Authorization"] == f"GenieKey {OTHER_KEY}"
    use_encryption_keys(*original_keys)
    with pytest.raises(SecretUnreadable):
        credentials.target_for(server)


def test_one_unreadable_credential_does_not_keep_a_list_from_loading(server: Server) -> None:
    rotation.store(actor=SYSTEM, server=server, slot="account", text=OTHER_KEY)
    foreign = Secret(
        ciphertext=Fernet(Fernet.generate_key()).encrypt(b"{}"), field=Credential._meta.get_field("secret")
    )
    Credential.objects.filter(server=server, slot="integration").update(secret=foreign)

    listed = {credential.slot: credential for credential in Credential.objects.select_related("server")}

    assert set(listed) == {"integration", "account"}
    account = listed["account"]
    assert account.secret.reveal(binding=account.binding()) == OTHER_KEY
    with pytest.raises(SecretUnreadable):
        listed["integration"].secret.reveal(binding=listed["integration"].binding())
