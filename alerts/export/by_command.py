"""An export by the technician's command, for somebody who may see the case. The command's own user may not read it: that
cannot be forced on a machine which holds the key, so it is asked for by role, warned of and on record.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import select

from alerts.export.bundle import bundle, exported
from alerts.web.context import PageContext
from monitor.domain import Role
from monitor.errors import MonitorError
from monitor.tables import CaseRow


def export_by_command(page: PageContext, ref: str, role: Role, now: datetime) -> tuple[str, bytes]:
    """(file name, ZIP). MonitorError, the same one, when there is no such case or `role` may not see it."""
    with page.store.read() as session:
        case = session.exec(
            select(CaseRow).where(CaseRow.school_id == page.store.school, CaseRow.ref == ref)
        ).first()
        if case is None or role.value in case.bypassed.split(",") or not page.may_see(role, case):
            raise MonitorError(
                f"{ref}: there is no such case for {role.value}; look at its reference and at --for"
            )
        one = bundle(page, session, case, role, now)
    with page.store.write() as session:
        exported(page, session, case, one, Role.IT, now, how=f"by command for {role.value}")
    return one.name, one.body
