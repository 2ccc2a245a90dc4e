"""The error tree."""

import pytest

from nightowl_common import errors
from nightowl_common.bus import BusUnavailableError
from nightowl_common.db import DatabaseUnavailableError, UnknownTenantError, UnstorableError
from nightowl_common.errors import FieldProblem, InvalidError, NightOwlError, NotFoundError

OURS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, NightOwlError)]


def test_the_message_is_the_docstring_unless_one_is_given():
    """An error that is raised bare still says what it means."""
    assert NotFoundError().detail == str(NotFoundError()) == "There is no such thing."
    assert NotFoundError("No alert.").detail == str(NotFoundError("No alert.")) == "No alert."


def test_fields_are_kept():
    """For the answer's `errors`."""
    problem = FieldProblem(field="$.a", reason="missing")

    assert InvalidError(fields=[problem]).fields == [problem]
    assert InvalidError().fields == []


def test_codes_tell_the_errors_apart():
    """Programs read the code, so no two share one."""
    codes = [each.code for each in OURS]

    assert len(set(codes)) == len(codes)
    assert all(400 <= each.status <= 599 for each in OURS)


@pytest.mark.parametrize(
    ("error", "status"),
    [(BusUnavailableError, 503), (DatabaseUnavailableError, 503), (UnstorableError, 500), (UnknownTenantError, 404)],
)
def test_the_remedy_is_in_the_class(error, status):
    """Transient ones ask to try again, permanent ones do not."""
    assert error().status == status
    assert isinstance(error(), errors.TransientError) == (status == 503)
