"""What a token may ask about itself: /me of a user, its permissions and Pages, and /debug_token.

Source: developers.facebook.com/docs/graph-api/reference/debug_token and the recorded answers in python-facebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.sandbox.graph_problem import GraphError, no_such_field
from monitor.sandbox.graph_state import GraphState


def own(state: GraphState, edge: tuple[str, ...]) -> dict[str, Any]:
    """/me, /me/permissions and /me/accounts for a user's token. A Page has no `permissions`: ask /debug_token."""
    match edge:
        case ():
            return {"name": state.administrator.name, "id": state.administrator.id}
        case ("permissions",):
            granted = sorted(state.permissions)
            return {"data": [{"permission": name, "status": "granted"} for name in granted]}
        case ("accounts",):
            page = {"access_token": state.token, "category": "School", "name": state.page.name}
            return {"data": [{**page, "id": state.page.id, "tasks": ["MANAGE", "MODERATE"]}]}
    raise no_such_field(edge[0], "User")


def debug_token(state: GraphState, params: Mapping[str, str]) -> dict[str, Any]:
    """What `input_token` is, for whom, until when (Unix time, 0 never) and with which scopes."""
    wanted = params.get("input_token", "")
    if not wanted:
        raise GraphError(100, "(#100) The parameter input_token is required")
    if wanted not in {state.token, state.user_token}:
        error = {"code": 190, "message": "The access token could not be decrypted"}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    page = wanted == state.token
    expiry = int(state.expires_at.timestamp()) if state.expires_at else 0
    shown: dict[str, Any] = {
        "app_id": state.app_id,
        "type": "PAGE" if page else "USER",
        "application": "Schoolgate",
        "data_access_expires_at": expiry,
        "expires_at": expiry,
        "is_valid": True,
        "issued_at": int(state.issued_at.timestamp()),
    }
    if page:
        shown["profile_id"] = state.page.id
    granted = sorted(state.permissions)
    shown |= {"scopes": granted, "granular_scopes": [{"scope": name} for name in granted]}
    return {"data": {**shown, "user_id": state.administrator.id}}
