"""The page that says why somebody can or can't call a tool, and who can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from mcp_types.version import LATEST_HANDSHAKE_VERSION

from clients.models import Client, User
from tools import explanation
from tools.admin_links import address_of_explanation, link_to, may_explain
from tools.denials import explanation_of
from tools.explain_search import Found, client_of, find_person, find_tool
from tools.gateway.listing import as_listed
from tools.hidden_characters import visible_text
from tools.models import Tool
from tools.tool_account import people_of

_ALL = "all"
_SEES_PEOPLE = "clients.view_user"
#: Entries of a list in full make a page of megabytes; their names don't.
_MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class Question:
    """Whom and what is asked about, as far as it could be found."""

    person: Found[User]
    tool: Found[Tool]
    client: Client | None
    problems: tuple[str, ...]

    @classmethod
    def of(cls, request: HttpRequest) -> Question:
        """The question in an address. What can't be found is a problem in words, never a fault."""
        person = find_person(request.GET.get("person", ""), may_search=request.user.has_perm(_SEES_PEOPLE))
        tool = find_tool(request.GET.get("tool", ""))
        client, problem = client_of(person.chosen, request.GET.get("client", ""))
        return cls(person, tool, client, tuple(filter(None, (person.problem, tool.problem, problem))))


class ExplainPage:
    """The page's part of ToolAdmin: mixed in before it."""

    def get_urls(self) -> list[Any]:
        known: Any = self
        own = path("explain/", known.admin_site.admin_view(self.explain_view), name="tools_explain")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def explain_view(self, request: HttpRequest) -> HttpResponse:
        """Changes nothing. Arguments to try are sent, to stay out of addresses, and then dropped."""
        known: Any = self
        if not may_explain(request.user):
            raise PermissionDenied
        question = Question.of(request)
        context = {
            **known.admin_site.each_context(request),
            "title": "Explain access",
            "opts": known.opts,
            "question": question,
            "options": _options(question),
            "clients": _clients(question.person.chosen),
            **_answer(request, question),
        }
        response = TemplateResponse(request, "admin/tools/explain/page.html", context)
        response["Cache-Control"] = "no-store"
        return response


def _answer(request: HttpRequest, question: Question) -> dict[str, Any]:
    person, tool = question.person.chosen, question.tool.chosen
    found: dict[str, Any] = {}
    now = timezone.now()
    if person is not None and tool is not None:
        answer = explanation.explain(person, tool, now, client=question.client)
        found |= _told(request, answer) | _tried(request, answer)
    elif tool is not None:
        found |= _who(request, tool)
    if person is not None:
        listed = explanation.listed_tools(person, now, client=question.client)
        found |= _listed(request, question, listed)
    return found


def _told(request: HttpRequest, answer: explanation.Explanation) -> dict[str, Any]:
    """The answer, with links for those who may follow them."""
    user, reason = request.user, answer.reason
    return {
        "answer": answer,
        "reason": reason,
        "told": explanation_of(answer.denial) if answer.denial else None,
        "remedies": _linked(user, reason.remedies) if reason else [],
        "ways": [
            {
                "way": way,
                "grant_url": link_to(user, way.rule.grant),
                "profile_url": link_to(user, way.rule.profile),
                "toolset_url": link_to(user, way.rule.toolset),
                "schema": _pretty(way.limit.schema) if way.limit else "",
            }
            for way in answer.ways
        ],
        "checks": [{"check": check, "remedies": _linked(user, check.remedies)} for check in answer.checks],
        "tool_url": link_to(user, answer.tool),
        "person_url": link_to(user, answer.person),
        "client_url": link_to(user, answer.client),
        "who_url": address_of_explanation(tool=answer.tool),
    }


def _tried(request: HttpRequest, answer: explanation.Explanation) -> dict[str, Any]:
    """What became of the arguments that were sent to be tried, if any were."""
    if request.method != "POST":
        return {"arguments": "{}"}
    text = request.POST.get("arguments", "")
    arguments = explanation.read_arguments(text)
    if isinstance(arguments, str):
        return {"arguments": text, "unreadable": arguments}
    return {"arguments": text, "trial": explanation.try_arguments(answer, arguments)}


def _who(request: HttpRequest, tool: Tool) -> dict[str, Any]:
    people = people_of(tool, timezone.now(), everyone=request.GET.get("people") == _ALL)
    return {
        "people": people,
        "who": [
            {"person": person, "url": address_of_explanation(person=person, tool=tool)}
            for person in people.rows
        ],
        "tool_url": link_to(request.user, tool),
        "everyone_url": f"{address_of_explanation(tool=tool)}&people={_ALL}",
    }


def _listed(request: HttpRequest, question: Question, tools: list[Tool]) -> dict[str, Any]:
    """The person's `tools/list`: the names, and the entries byte for byte when they are asked for."""
    person, client = question.person.chosen, question.client
    address = address_of_explanation(person=person, client=client, tool=question.tool.chosen)
    wants_all = request.GET.get("listing") == _ALL
    return {
        "listed": [
            {
                "tool": tool,
                "url": address_of_explanation(person=person, client=client, tool=tool),
                "json": _pretty(as_listed(tool, LATEST_HANDSHAKE_VERSION)) if wants_all else "",
            }
            for tool in (tools[:_MOST_ENTRIES] if wants_all else tools)
        ],
        "listed_count": len(tools),
        "listed_not_shown": max(0, len(tools) - _MOST_ENTRIES) if wants_all else 0,
        "listed_version": LATEST_HANDSHAKE_VERSION,
        "listing_url": "" if wants_all or not tools else f"{address}&listing={_ALL}#listing",
    }


def _linked(user: Any, remedies: tuple[explanation.Remedy, ...]) -> list[dict[str, str]]:
    return [{"text": remedy.text, "url": link_to(user, remedy.about)} for remedy in remedies]


def _pretty(value: Any) -> str:
    return visible_text(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _options(question: Question) -> dict[str, list[dict[str, Any]]]:
    """Who and what may have been meant, each with the address of the question about them."""
    person, tool = question.person.chosen, question.tool.chosen
    return {
        "people": [
            {"name": each, "note": each.email, "url": address_of_explanation(person=each, tool=tool)}
            for each in question.person.options
        ],
        "tools": [
            {
                "name": each,
                "note": each.get_state_display(),
                "url": address_of_explanation(person=person, client=question.client, tool=each),
            }
            for each in question.tool.options
        ],
    }


def _clients(person: User | None) -> list[Client]:
    return list(person.clients.order_by("name", "pk")[:200]) if person else []
