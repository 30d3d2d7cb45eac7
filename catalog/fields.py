"""Storing a secret so that only the code that needs it, for the row it belongs to, gets it back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError
from django.db import models
from fernet_fields import EncryptedTextField

REDACTED = "[secret]"


class SecretUnreadable(Exception):
    """No encryption key fits, or the ciphertext belongs to another row."""


class Secret:
    """A stored or new secret. Prints as a mark; `reveal()` is the only way to the text."""

    __slots__ = ("_binding", "_ciphertext", "_field", "_plaintext")

    def __init__(
        self,
        *,
        plaintext: str | None = None,
        binding: Mapping[str, str] | None = None,
        ciphertext: bytes | None = None,
        field: SecretTextField | None = None,
    ) -> None:
        self._plaintext = plaintext
        self._binding = dict(binding or {})
        self._ciphertext = ciphertext
        self._field = field

    @classmethod
    def new(cls, plaintext: str, *, binding: Mapping[str, str]) -> Secret:
        """A secret to store, tied to `binding` (such as the ids of its server and its own row)."""
        return cls(plaintext=plaintext, binding=binding)

    def reveal(self, *, binding: Mapping[str, str]) -> str:
        """The text, if it was stored with this very binding.

        Raises SecretUnreadable when no key decrypts it or the binding differs: a ciphertext copied into
        another row, or a server that now points elsewhere.
        """
        if self._ciphertext is None:
            stored, text = self._binding, self._plaintext
        else:
            stored, text = self._decrypted()
        if text is None or stored != dict(binding):
            raise SecretUnreadable("The stored secret belongs to another row or another address.")
        return text

    def renewed(self) -> Secret:
        """The same text and binding, to be saved under the newest key. Raises SecretUnreadable."""
        if self._ciphertext is None:
            return self
        binding, text = self._decrypted()
        return Secret(plaintext=text, binding=binding)

    def is_under_newest_key(self) -> bool:
        """Whether the first encryption key opens the stored bytes. No other key is tried."""
        if self._ciphertext is None or self._field is None:
            return False
        try:
            Fernet(self._field.fernet_keys[0]).decrypt(self._ciphertext)
        except InvalidToken:
            return False
        return True

    def sealed_text(self) -> str:
        """What is encrypted: the text together with its binding."""
        return orjson.dumps({"binding": self._binding, "secret": self._plaintext}).decode()

    @property
    def ciphertext(self) -> bytes | None:
        """The stored bytes, None for a secret that has not been saved."""
        return self._ciphertext

    def _decrypted(self) -> tuple[dict[str, str], str | None]:
        assert self._field is not None and self._ciphertext is not None  # noqa: S101, PT018
        content: Any = None
        with contextlib.suppress(InvalidToken, orjson.JSONDecodeError):
            content = orjson.loads(self._field.fernet.decrypt(self._ciphertext))
        # Raised out here, with no other exception around: one chained to it, shown or not, would carry the
        # ciphertext or, from the JSON parser, the decrypted text.
        if not isinstance(content, dict) or not {"binding", "secret"} <= content.keys():
            raise SecretUnreadable("No configured encryption key opens the stored secret.")
        return content["binding"], content["secret"]

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("A secret is not pickled.")

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self


class SecretTextField(EncryptedTextField):
    """A write-only encrypted column over django-fernet-fields.

    Reading gives a `Secret`, which decrypts only when revealed, so that a list page never needs the key and
    one unreadable row doesn't break it. SQL expressions are refused: `F()`, `bulk_update` and friends would
    write plain text or copy a ciphertext past encryption. `dumpdata` gets a mark.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any, *args: Any) -> Secret | None:
        return None if value is None else Secret(ciphertext=bytes(value), field=self)

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, Secret):
            return value
        raise FieldError(f"{self.name} takes a Secret, made with Secret.new().")

    def get_prep_value(self, value: Any) -> Any:
        if hasattr(value, "resolve_expression"):
            raise FieldError(f"{self.name} is encrypted and takes no SQL expression.")
        return self.to_python(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        value = self.get_prep_value(value)
        if value is None:
            return None
        if value.ciphertext is not None:
            return connection.Database.Binary(value.ciphertext)
        return connection.Database.Binary(self.fernet.encrypt(value.sealed_text().encode()))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return self.get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> str:
        return REDACTED

    def formfield(self, **kwargs: Any) -> None:
        """No form shows it: forms ask for new secrets with a field of their own."""
        return
