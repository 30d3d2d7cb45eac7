"""What every admin page of the product shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError, IntegrityError, models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin, TabularInline


def sentences(error: ValidationError) -> str:
    """A validation error as one readable line."""
    return " ".join(error.messages)


def run_dialog(
    request: HttpRequest, verb: Callable[[], Any], *, success: str, redirect_to: str
) -> HttpResponse:
    """Carry out a dialog's verb and send the browser on, with a message of what came of it."""
    try:
        verb()
    except ValidationError as error:
        messages.error(request, sentences(error))
    else:
        messages.success(request, success)
    # Unfold's dialogs post through htmx, which follows this header rather than a redirect status.
    return HttpResponse(headers={"HX-Redirect": redirect_to})


class PortalAdmin(ModelAdmin):
    """An admin page whose changes go through verbs, never through the form's own `save()`."""

    # A choice from a drop-down list counts once it is sent: without this there is no button that would.
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True
    show_full_result_count = False
    #: Set from a room that knows: what deleting an object would do to people, for the page that asks.
    impact_of_deleting: Callable[[Any], Any] | None = None

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """The object with this id. Raises Http404 when there is none, or when it can't be an id."""
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        return found

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME):
            if not self._can_be_an_id(ticked):
                raise BadRequest("A ticked row has an id that is none.")
        return super().changelist_view(request, extra_context)

    def _can_be_an_id(self, text: str) -> bool:
        try:
            parsed = self.opts.pk.to_python(text)
        except ValidationError:
            return False
        return not isinstance(parsed, int) or abs(parsed) < 2**63

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except OverflowError as error:
            # SQLite's way to refuse a number past 64 bits, which no page offers to choose.
            raise BadRequest("A number is too large.") from error
        except ValidationError as error:
            # The form was right when it was checked; the verb, with the lock in hand, knows better.
            refusal = sentences(error)
        except IntegrityError:
            refusal = "Somebody saved the same at the same moment. Look at the list, then try again."
        messages.error(request, f"Nothing was changed. {refusal}")
        return HttpResponseRedirect(request.get_full_path())

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        foretell = type(self).impact_of_deleting
        if request.method == "GET" and foretell is not None:
            found = self.get_object(request, unquote(object_id))
            if found is not None and self.has_delete_permission(request, found):
                extra_context = {**(extra_context or {}), "impact": foretell(found)}
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with the objects. Whether it may is for the verb to say, which asks for one permission.

        Django would ask each page concerned, and the pages of grants, clients and tokens let nobody delete.
        """
        shown, counts, _, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except (DataError, OverflowError, ValueError) as error:
            # A filter took what the database can't: text with U+0000, a number past 64 bits. The list is
            # shown without it, as after any other bad parameter.
            raise IncorrectLookupParameters from error

    # Deleting by ticking rows would pass by the verbs; pages that allow deletion do it one by one.
    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def construct_change_message(self, *args: Any, **kwargs: Any) -> list[Any]:
        """For Django's own record, which isn't kept: see below."""
        return []

    # The audit log is the record; Django's own would be a second one that knows less.
    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        return None

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        return None

    def log_deletions(self, *args: Any, **kwargs: Any) -> Any:
        return None


class ReadOnlyAdmin(PortalAdmin):
    """Rows to look at. Changed by verbs elsewhere, if at all."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Related rows on a tab of an object's page, to look at."""

    extra = 0
    can_delete = False
    tab = True
    per_page = 100
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
