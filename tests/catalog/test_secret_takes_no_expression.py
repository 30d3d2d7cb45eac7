"""Nothing but a Secret can be written to the column, by whatever door the ORM has."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import transaction
from django.db.models import BinaryField, Case, ExpressionWrapper, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat

from catalog import credentials
from catalog.fields import Secret
from catalog.models import Credential, Server
from tests.conftest import KEY


@pytest.fixture
def credential(server: Server) -> Credential:
    return server.credentials.select_related("server").get()


EXPRESSIONS = [
    F("secret"),
    F("last_four"),
    Value("plain text"),
    Value(b"plain text"),
    Coalesce(F("last_four"), Value("")),
    Concat(Value("a"), Value("b")),
    Case(When(slot="integration", then=Value("plain text"))),
    ExpressionWrapper(F("last_four"), output_field=BinaryField()),
    Subquery(Credential.objects.filter(pk=OuterRef("pk")).values("last_four")[:1]),
]


def assert_untouched(credential: Credential, before: bytes) -> None:
    credential = Credential.objects.select_related("server").get(pk=credential.pk)
    assert credential.secret.ciphertext == before
    assert credentials.target_for(credential.server)[0].headers["Authorization"] == f"GenieKey {KEY}"


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=repr)
def test_an_update_with_an_expression_is_refused(credential: Credential, expression: Any) -> None:
    before = credential.secret.ciphertext
    with pytest.raises(FieldError), transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(secret=expression)
    assert_untouched(credential, before)


@pytest.mark.parametrize("value", [*EXPRESSIONS, "plain text", b"plain text", 7, ["x"]], ids=repr)
def test_saving_a_row_with_anything_but_a_secret_is_refused(credential: Credential, value: Any) -> None:
    before = credential.secret.ciphertext
    credential.secret = value
    with pytest.raises(FieldError), transaction.atomic():
        credential.save()
    assert_untouched(credential, before)


@pytest.mark.parametrize(
    "value",
    [F("last_four"), Value("plain text"), Value(b"plain text"), "plain text", b"plain text"],
    ids=repr,
)
def test_creating_a_row_with_anything_but_a_secret_is_refused(credential: Credential, value: Any) -> None:
    fields = {"server": credential.server, "slot": "account", "state": "active", "secret": value}
    for create in (
        lambda: Credential.objects.create(**fields),
        lambda: Credential.objects.bulk_create([Credential(**fields)]),
    ):
        # A ValueError is Django's own, for an expression over columns of a row that isn't there yet.
        with pytest.raises((FieldError, ValueError)), transaction.atomic():
            create()
    assert list(Credential.objects.all()) == [credential]


@pytest.mark.parametrize("text", ["plain text", b"plain text", "", 7])
def test_an_update_with_text_is_refused(credential: Credential, text: Any) -> None:
    before = credential.secret.ciphertext
    with pytest.raises(FieldError), transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(secret=text)
    assert_untouched(credential, before)


def test_a_bulk_update_is_refused(credential: Credential) -> None:
    before = credential.secret.ciphertext
    credential.secret = Secret.new("another", binding=credential.binding())
    with pytest.raises(FieldError), transaction.atomic():
        Credential.objects.bulk_update([credential], ["secret"])
    assert_untouched(credential, before)


def test_a_bulk_update_with_text_is_refused(credential: Credential) -> None:
    before = credential.secret.ciphertext
    credential.secret = "plain text"  # type: ignore[assignment]
    with pytest.raises(FieldError), transaction.atomic():
        Credential.objects.bulk_update([credential], ["secret"])
    assert_untouched(credential, before)


def test_a_bulk_update_of_other_columns_leaves_it_alone(credential: Credential) -> None:
    before = credential.secret.ciphertext
    credential.last_four = "abcd"
    Credential.objects.bulk_update([credential], ["last_four"])
    assert Credential.objects.get().last_four == "abcd"
    assert_untouched(credential, before)


def test_an_upsert_is_refused(credential: Credential) -> None:
    before = credential.secret.ciphertext
    credential.secret = "plain text"  # type: ignore[assignment]
    with pytest.raises(FieldError), transaction.atomic():
        Credential.objects.bulk_create(
            [credential], update_conflicts=True, unique_fields=["id"], update_fields=["secret"]
        )
    assert_untouched(credential, before)


@pytest.mark.parametrize("lookup", ["exact", "icontains", "contains", "startswith", "in", "regex", "gt"])
def test_rows_can_not_be_searched_by_it(credential: Credential, lookup: str) -> None:
    value = [KEY] if lookup == "in" else KEY
    with pytest.raises(FieldError):
        list(Credential.objects.filter(**{f"secret__{lookup}": value}))


def test_a_stored_secret_is_written_back_unchanged(credential: Credential) -> None:
    before = credential.secret.ciphertext
    credential.save()
    assert_untouched(credential, before)


def test_a_row_saved_under_a_new_id_can_not_be_opened(credential: Credential) -> None:
    copied = Credential.objects.select_related("server").get(pk=credential.pk)
    copied.pk, copied.state = uuid.uuid4(), Credential.State.REVOKED
    copied.save(force_insert=True)
    assert Credential.objects.count() == 2
    with pytest.raises(Exception, match="another row"):
        copied.secret.reveal(binding=copied.binding())
