from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from clients.models import User
from tests.conftest import make_person
from tests.pages.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def nora(db: None) -> User:
    """Nora may sign in to the admin, and nothing more."""
    return make_person("nora", is_staff=True)


@pytest.fixture
def vera(db: None) -> User:
    """Vera may look at everything and change nothing."""
    vera = make_person("vera", is_staff=True)
    vera.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return vera


@pytest.fixture
def browser(sam: User) -> Client:
    """Sam's, where a file does not say whose."""
    return signed_in(sam)


@pytest.fixture
def root(db: None) -> User:
    return make_person("root", is_staff=True, is_superuser=True)


def signed_in(person: User, **options: Any) -> Client:
    """A browser in which this person is signed in."""
    browser = Client(**options)
    browser.force_login(person)
    return browser


def text_of(response: Any) -> str:
    """What the account on a page says, without its markup, each run of white space as one blank."""
    assert response.status_code == 200
    content = response.content.decode()
    main = content[content.index('class="tool-account') :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))
