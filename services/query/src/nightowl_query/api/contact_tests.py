"""Trying a contact method: a real page over the real provider, with a receipt. It concerns no alert."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from nightowl_alerting.model import Timer
from nightowl_alerting.store import insert_audit, upsert_timers
from nightowl_auth import Principal, requires
from nightowl_common.db import Database, Tx
from nightowl_common.ids import new_id
from nightowl_common.outbox import Outbox
from nightowl_query.api.edge import problems
from nightowl_query.api.roster_changes import require_own
from nightowl_query.model.contacts import (
    MAX_TEST_PAGES,
    TEST_PAGE_MINUTES,
    ContactMethod,
    PagePurpose,
    TestPage,
    TestPagePage,
    TooManyTestPagesError,
    UnverifiedContactMethodError,
)
from nightowl_query.store import contacts as store

TAGS = ["People"]
_ACTIONS: dict[PagePurpose, str] = {"test": "contact_method_tested", "code": "contact_method_code_sent"}


async def queue_page(
    tx: Tx, who: Principal, user_id: UUID, method: ContactMethod, *, purpose: PagePurpose
) -> TestPage:  # fmt: skip
    """Page, timer and audit; the notifier sends it. The person is locked by the caller.

    Raises:
        TooManyTestPagesError: the person was sent too many lately, codes included.
    """
    if await store.count_test_pages(tx, user_id, minutes=TEST_PAGE_MINUTES) >= MAX_TEST_PAGES:
        raise TooManyTestPagesError
    page_id, now = new_id(), await tx.now()
    await store.insert_test_page(tx, user_id, page_id, method, asked_by=who.actor, purpose=purpose)
    await upsert_timers(tx, [Timer(kind="test_page", ref=page_id, tenant=who.tenant, version=0, due_at=now)])
    changes: dict[str, object] = {"contact_method_id": str(method.id), "test_page_id": str(page_id)}
    await insert_audit(
        tx, who.actor, action=_ACTIONS[purpose], entity="user", entity_id=user_id, changes=changes
    )  # fmt: skip
    return (await store.list_test_pages(tx, user_id, method.id))[0]


@post(
    "/users/{user_id:uuid}/contact-methods/{method_id:uuid}/test", operation_id="testContactMethod", tags=TAGS,
    summary="Send a test page", guards=[requires("readonly")], responses=problems(404, 409, 429), status_code=202,
)  # fmt: skip
async def send_test_page(
    user_id: FromPath[UUID],
    method_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    outbox: NamedDependency[Outbox],
) -> TestPage:
    """Sent within a second over a verified method, at most three in ten minutes; what came of it is read back below."""
    require_own(principal, [user_id])
    async with outbox.tenant_tx(principal.tenant) as tx:
        await store.lock_user(tx, user_id)
        method = await store.load_method(tx, user_id, method_id)
        if not method.is_verified:
            raise UnverifiedContactMethodError
        return await queue_page(tx, principal, user_id, method, purpose="test")


@get(
    "/users/{user_id:uuid}/contact-methods/{method_id:uuid}/test", operation_id="listContactMethodTests", tags=TAGS,
    summary="What came of test pages", guards=[requires("readonly")], responses=problems(404),
)  # fmt: skip
async def list_contact_method_tests(
    user_id: FromPath[UUID],
    method_id: FromPath[UUID],
    principal: NamedDependency[Principal],
    database: NamedDependency[Database],
) -> TestPagePage:
    """Newest first."""
    require_own(principal, [user_id])
    async with database.tenant_tx(principal.tenant) as tx:
        await store.load_method(tx, user_id, method_id)
        items = await store.list_test_pages(tx, user_id, method_id)
    return TestPagePage(items=items, next_cursor=None, total=len(items))


HANDLERS = [send_test_page, list_contact_method_tests]
