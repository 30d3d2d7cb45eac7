"""Who reviews the tools of a server: a page of the server's, brought along by this room."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from audit.actor import Actor
from catalog.admin_pages import ServerPage
from catalog.models import Server
from clients.models import User
from tools import reviewers
from tools.reviewers import REVIEW_ALL, REVIEW_ASSIGNED


class ReviewersForm(forms.Form):
    """The people to choose from: those whose permissions let them review something."""

    # By name from a list that was read anyway: a number that no database could hold is just not on it.
    reviewers = forms.MultipleChoiceField(
        label="Reviewers",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="Only people whose permissions let them review are listed. Nobody ticked: only those who "
        "may review every server decide about its tools.",
        error_messages={"invalid_choice": "Choose among the people listed."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(person.pk): person for person in _who_may(REVIEW_ALL, REVIEW_ASSIGNED)}
        offered = [(key, str(person)) for key, person in self._people.items()]
        cast(forms.MultipleChoiceField, self.fields["reviewers"]).choices = offered

    def clean_reviewers(self) -> list[User]:
        return [self._people[key] for key in self.cleaned_data["reviewers"]]


class ReviewersPage(ServerPage):
    """Shows who is assigned, and lets those who may assign choose."""

    path = "reviewers"
    name = "reviewers"
    label = "Reviewers"
    icon = "rate_review"
    title = "reviewers"
    template = "admin/catalog/server/reviewers.html"
    may_look = ("tools.assign_reviewer", "tools.view_reviewassignment")
    may_send = "tools.assign_reviewer"

    def show(self, request: HttpRequest, server: Server) -> HttpResponse:
        return self._page(
            request,
            server,
            ReviewersForm(initial={"reviewers": [str(person.pk) for person in _assigned(server)]}),
        )

    def send(self, request: HttpRequest, server: Server) -> HttpResponse:
        form = ReviewersForm(request.POST)
        if form.is_valid():
            try:
                reviewers.assign(actor=Actor.from_request(request), server=server, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(request, "The reviewers are saved. It counts from their next decision on.")
                return HttpResponseRedirect(self.url_for(server))
        return self._page(request, server, form)

    def _page(self, request: HttpRequest, server: Server, form: ReviewersForm) -> HttpResponse:
        everywhere = _who_may(REVIEW_ALL).values_list("username", flat=True)
        return self.rendered(
            request, server, form=form, assigned=_assigned(server), everywhere=list(everywhere)
        )


def _assigned(server: Server) -> QuerySet[User]:
    return User.objects.filter(review_assignments__server=server).order_by("username")


def _who_may(*permissions: str) -> QuerySet[User]:
    """The active people who hold one of these permissions, themselves, through a group or as superusers."""
    held, by_group = Q(is_superuser=True), Q()
    for permission in permissions:
        application, codename = permission.split(".")
        held |= Q(user_permissions__codename=codename, user_permissions__content_type__app_label=application)
        by_group |= Q(
            groups__permissions__codename=codename, groups__permissions__content_type__app_label=application
        )
    return User.objects.filter(held | by_group, is_active=True).distinct().order_by("username")
