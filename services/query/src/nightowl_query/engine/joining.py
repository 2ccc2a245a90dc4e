"""Who somebody is here, whom a provider has let in: known, to be linked, new, or nobody. Pure."""

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

import msgspec

from nightowl_auth import Role
from nightowl_auth.oidc import Claims, Issuer, email_of, is_in_domains, name_of, role_of
from nightowl_query.model.oidc import Known, RefusalCode


class Admit(msgspec.Struct, frozen=True, kw_only=True):
    """A person of ours, who shall have this role. `is_linked`: by their address, for the first time.

    `is_role_kept`: they should have lost the role of admin, and nobody else has it.
    """

    person: Known
    role: Role
    is_linked: bool
    is_role_kept: bool = False


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody new."""

    email: str
    name: str
    role: Role


class Refuse(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody who may come in."""

    code: RefusalCode


Decision: TypeAlias = Admit | Join | Refuse


def decide(
    claims: Claims, issuer: Issuer, *, same_id: Known | None, same_email: Sequence[Known], admins: Sequence[UUID]
) -> Decision:
    """What becomes of somebody with these verified claims.

    `same_id` has their external id, `same_email` are those with their verified address; `admins` are the active ones.
    """
    email = email_of(claims, issuer)
    if issuer.email_domains and (email is None or not is_in_domains(email, issuer)):
        return Refuse(code="email_domain")
    role = role_of(claims, issuer)
    if issuer.role_claim is not None and role is None:
        return Refuse(code="no_role")
    if same_id is not None:
        return _admit(same_id, issuer, role, admins, is_linked=False)
    if email is None:
        return Refuse(code="email_unverified")
    if same_email:
        return _link(same_email, issuer, role, admins)
    if not issuer.creates_users:
        return Refuse(code="person_unknown")
    return Refuse(code="no_role") if role is None else Join(email=email, name=name_of(claims, email=email), role=role)


def _link(same_email: Sequence[Known], issuer: Issuer, role: Role | None, admins: Sequence[UUID]) -> Decision:
    if len(same_email) > 1 or same_email[0].external_id is not None:
        return Refuse(code="linked_elsewhere")
    return _admit(same_email[0], issuer, role, admins, is_linked=True)


def _admit(
    person: Known, issuer: Issuer, role: Role | None, admins: Sequence[UUID], *, is_linked: bool
) -> Decision:  # fmt: skip
    if not person.is_active:
        return Refuse(code="person_inactive")
    if issuer.role_claim is None or role is None or role == person.role:
        return Admit(person=person, role=person.role, is_linked=is_linked)
    if list(admins) == [person.id]:
        return Admit(person=person, role=person.role, is_linked=is_linked, is_role_kept=True)
    return Admit(person=person, role=role, is_linked=is_linked)
