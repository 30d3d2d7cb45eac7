"""How many stored secrets are under the newest encryption key, and how to bring over the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.models import Credential

#: More than any portal should have; looking at each costs about as much as one decryption.
MOST_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True)
class EncryptionStatus:
    """`newest` of the `looked_at` secrets are under the newest of the `keys` encryption keys.

    `total` is how many secrets are stored; only the first `MOST_LOOKED_AT` were looked at.
    """

    total: int
    looked_at: int
    newest: int
    keys: int

    @property
    def older(self) -> int:
        """Those looked at that are under an older key, or under none that is configured."""
        return self.looked_at - self.newest

    def sentence(self) -> str:
        """The status in words."""
        if not self.total:
            return "No secret is stored."
        bounded = f", of {self.total:,} in all" if self.looked_at < self.total else ""
        noun = "secret is" if self.newest == 1 and self.looked_at == 1 else "secrets are"
        return f"{self.newest:,} of {self.looked_at:,} {noun} on the newest encryption key{bounded}."

    def what_to_do(self) -> str:
        """The one next step."""
        if self.older:
            return (
                "Run manage.py rotate_encryption: it encrypts the others anew while calls go on, and names "
                "those that no configured key opens. Take no key out of PORTCULLIS_FERNET_KEYS before that."
            )
        if self.looked_at < self.total:
            return "Run manage.py rotate_encryption to be sure of those that were not looked at."
        if self.keys > 1:
            return "All are on the newest key: the older ones can be taken out of PORTCULLIS_FERNET_KEYS."
        return "Nothing is left to do."


def encryption_status() -> EncryptionStatus:
    """Look at the stored secrets, the oldest rows first. Only the newest key is tried; nothing is shown."""
    field: Any = Credential._meta.get_field("secret")
    stored = Credential.objects.filter(secret__isnull=False)
    secrets = list(stored.order_by("created_at").values_list("secret", flat=True)[:MOST_LOOKED_AT])
    return EncryptionStatus(
        total=stored.count() if len(secrets) == MOST_LOOKED_AT else len(secrets),
        looked_at=len(secrets),
        newest=sum(secret.is_under_newest_key() for secret in secrets),
        keys=len(field.keys),
    )
