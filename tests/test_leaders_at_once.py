"""Two leaders who hand in, approve and withdraw at once: what was acknowledged stands, one is in force, who is refused learns why."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from geo_territory.errors import WorkspaceError
from geo_territory.workspace import Workspace
from tests.people_world import ANN, HOME, NOON, company, day, submit

FROM = day("2026-09-01")
ROUNDS = 6


@pytest.fixture
def leaders(url):
    """Two openings of one workspace, as two servers or two computers have them."""
    both = [company(url), Workspace.open(url, lambda: NOON)]
    yield both
    for workspace in both:
        workspace.close()


def at_once(*steps):
    """Take steps at the same moment, each in a thread; return what each was told: its result, or the error."""
    start = threading.Barrier(len(steps))

    def take(step):
        start.wait()
        try:
            return step()
        except WorkspaceError as error:
            return error

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(take, steps))


def in_force(workspace):
    return [record.publication_id for record in workspace.cycles.publications() if record.state_on(FROM) == "active"]


def test_an_approval_and_a_withdrawal_at_once_leave_it_withdrawn_and_a_late_approval_is_told_so(leaders):
    ann, bob = leaders
    for number in range(ROUNDS):
        waits = submit(ann, f"Plan {number}")
        approval, withdrawal = at_once(
            lambda waits=waits: ann.cycles.approve(waits, ANN, FROM), lambda waits=waits: bob.cycles.withdraw(waits, ANN.email, "not yet")
        )
        record = ann.cycles.publication(waits)
        assert withdrawal is None and record.withdrawn_at is not None and in_force(ann) == []
        if isinstance(approval, WorkspaceError):
            assert f"Plan {number}" in str(approval) and "withdrawn" in str(approval) and record.approved_at is None
        assert not (ann.cycles.owners(FROM)["rep_id"].notna()).any()
    ann.verify()
    bob.verify()


def test_what_several_hand_in_at_once_is_all_there_and_each_has_a_number_of_its_own(leaders):
    names = [f"Plan {number}" for number in range(4)]
    said = at_once(*(lambda at=at, name=name: submit(leaders[at % 2], name) for at, name in enumerate(names)))
    assert len(set(said)) == len(names) and not any(isinstance(one, WorkspaceError) for one in said)
    known = {record.publication_id: record.name for record in leaders[0].cycles.publications()}
    assert [known[number] for number in said] == names
    assert (leaders[1].audit()["what"] == "publication handed in").sum() == len(names)
    leaders[0].verify()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_two_leaders_do_at_once_what_was_acknowledged_stands_and_one_is_in_force(leaders, seed):
    order = random.Random(seed)
    waiting = [submit(leaders[0], f"Plan {n}", home=HOME | {f"a{n % 6 + 1}": "E"}) for n in range(6)]
    acts = [(order.choice(["approve", "approve", "withdraw"]), order.choice(waiting)) for _ in range(10)]

    def work(at):
        done = []
        for act, publication_id in acts[at::2]:
            try:
                if act == "approve":
                    leaders[at].cycles.approve(publication_id, ANN, FROM)
                else:
                    leaders[at].cycles.withdraw(publication_id, ANN.email)
            except WorkspaceError as error:
                assert "Plan" in str(error)
            else:
                done.append((act, publication_id))
        return done

    acknowledged = sum(at_once(lambda: work(0), lambda: work(1)), [])
    assert len(acknowledged) == len(set(acknowledged)), "nothing succeeds twice"
    for act, publication_id in acknowledged:
        record = leaders[0].cycles.publication(publication_id)
        assert (record.approved_at if act == "approve" else record.withdrawn_at) is not None
    audit = leaders[0].audit()["what"]
    assert (audit == "publication approved").sum() + (audit == "publication withdrawn").sum() == len(acknowledged)
    assert len(in_force(leaders[0])) <= 1
    assert not leaders[0].cycles.owners(FROM).duplicated(["account_id", "role"]).any()
    leaders[1].verify()
