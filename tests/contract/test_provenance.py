"""What ingest reads, query finds again: two services that share no code agree on where each source has its fields."""

from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from nightowl_alerting.model import Route
from nightowl_alerting.transitions import Received, fold_received
from nightowl_common import clock
from nightowl_ingest.engine import read_payload
from nightowl_ingest.model import Limits
from nightowl_query.engine.provenance import find_provenance
from nightowl_query.model.explanation import SendingKey
from nightowl_query.model.intake import RawPayload, RawPayloads

GOLDEN = Path(__file__).parents[1] / "golden"
PAYLOADS = sorted(path for path in GOLDEN.glob("*/*.json") if not path.name.endswith(".expected.json"))
WEBHOOK = {"signoz": "alertmanager"}


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_field_of_a_golden_payload_is_found_again(path: Path) -> None:
    """Each field that an alert has has a place and a rule; of texts, what is at the place is the field."""
    expected = msgspec.json.decode(path.with_suffix(".expected.json").read_bytes())
    mapping = expected.get("key", {}).get("mapping", {})
    source = path.parent.name
    reading = read_payload(WEBHOOK.get(source, source), path.read_bytes(), Limits(), mapping)
    key = SendingKey(id=UUID(int=1), name="golden", is_revoked=False, mapping=mapping)
    now = clock.utc_now()

    for each in reading.alerts:
        firing = msgspec.structs.replace(each, status="firing", agent=None)
        received = Received(
            alert=firing, source=source, receipt_id=UUID(int=2), new_id=UUID(int=3), at=now, key_id=key.id
        )
        folded = fold_received([received], open_alert=None, last_episode=None, route=lambda _: Route(), now=now)
        alert = folded.changes[0].after
        assert each.raw is not None
        raw = RawPayload(receipt_id=UUID(int=2), item=each.index, source=source, received_at=now, is_cut=False, raw=each.raw)  # fmt: skip
        told = find_provenance(
            alert, RawPayloads(opening=raw), fingerprint_rule=each.fingerprint_rule, key=key, words={}
        )
        found = {each_field.field: each_field for each_field in told}
        texts = {name: found[name].found for name in ("title", "description", "generator_url") if name in found}
        differing = {
            name: text for name, text in texts.items() if text is not None and text not in getattr(alert, name)
        }

        assert {name for name, one in found.items() if not one.places} <= {"severity"}
        assert differing == {}
        assert "changed since" not in found["severity"].rule
        assert {"title", "severity", "fingerprint"} <= found.keys()
