"""Files for three CRMs, loaded into small stand-ins of them that obey their rules: then there and back again."""

import io
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_territory.cycle_tables import CLOSED, KEPT, MOVED
from geo_territory.errors import FileError
from geo_territory.intake.clean import salesforce_id_18
from geo_territory.publish import dynamics, hubspot, salesforce
from geo_territory.publish.crm_files import (
    SYSTEMS,
    CrmRequest,
    crm_files,
    crm_zip,
    dynamics_way_back,
    salesforce_owners,
    salesforce_territories,
    salesforce_way_back_delete,
)
from geo_territory.tables import ChangesOfHands, Reps, Territories

TERRITORY = {name: salesforce_id_18(f"0MI000000000{i:03d}") for i, name in enumerate(("T01", "T02", "T03"))}
USER = {name: salesforce_id_18(f"005000000000{i:03d}") for i, name in enumerate(("R01", "R02", "R03"))}
NAMES = {"R01": "Ada Voss", "R02": "Bo Lind", "R03": "Cy Marsh"}


def people(**names):
    names = names or NAMES
    rows = {
        Reps.name: list(names.values()),
        Reps.email: [f"{rep.lower()}@example.com" for rep in names],
        Reps.role: "outside",
        Reps.fte: 1.0,
        Reps.lat: None,
        Reps.lon: None,
        Reps.leave_days: 0.0,
        Reps.territory_id: None,
    }
    return Reps.check(pd.DataFrame(rows, index=pd.Index(list(names), name=Reps.rep_id, dtype="str")))


def changes(*rows, role="outside"):
    """Each row: account, tier, territory before and after, rep before and after."""
    made = [
        {
            ChangesOfHands.account_id: account, ChangesOfHands.role: role, ChangesOfHands.name: f"Site {account}",
            ChangesOfHands.tier: tier, ChangesOfHands.value: 1.0, ChangesOfHands.territory_before: was, ChangesOfHands.territory_after: now,
            ChangesOfHands.rep_before: rep_was, ChangesOfHands.rep_after: rep_now,
            ChangesOfHands.reason: None if rep_was == rep_now else "Why.", ChangesOfHands.change: KEPT if rep_was == rep_now else MOVED,
        }
        for account, tier, was, now, rep_was, rep_now in rows
    ]  # fmt: skip
    return ChangesOfHands.check(pd.DataFrame(made, columns=ChangesOfHands.columns()))


def listed(accounts, **columns):
    return pd.DataFrame(columns, index=pd.Index(list(accounts), dtype="str"), dtype="str")


def read(content):
    return pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)


TWO = changes(("a", "A", "T01", "T02", "R01", "R02"), ("b", "B", "T01", "T01", "R01", "R01"))
SF = {"a": "001C000000o4OOI", "b": "001C000000o4Ooi"}


class Salesforce:
    """Associations are created and deleted, never updated; ids are Salesforce's own and never come twice. "#N/A" empties a field."""

    def __init__(self, associations, fields):
        self.made = 0
        self.associations = {}
        for thing, territory, cause in associations:
            self._insert(thing, territory, cause)
        self.fields = {record: dict(values) for record, values in fields.items()}

    def _insert(self, thing, territory, cause):
        assert (thing, territory) not in {pair[:2] for pair in self.associations.values()}, "a duplicate is refused"
        self.made += 1
        identity = salesforce_id_18(f"02b{self.made:012d}")
        self.associations[identity] = (thing, territory, cause)
        return identity

    def export(self):
        rows = [(identity, *pair) for identity, pair in self.associations.items()]
        return pd.DataFrame(rows, columns=["Id", "ObjectId", "Territory2Id", "AssociationCause"], dtype="str")

    def load(self, files):
        success = []
        for name, content in sorted(files.items()):
            rows = read(content)
            if "delete" in name:
                assert list(rows.columns) == ["Id"]
                for identity in rows["Id"]:
                    assert self.associations.pop(identity)[2] == "Territory2Manual"
            elif "insert" in name:
                assert list(rows.columns) == ["ObjectId", "Territory2Id", "AssociationCause"]
                success += [{"ID": self._insert(*row), "STATUS": "Item Created"} for row in rows.itertuples(index=False)]
            else:
                assert rows.columns[0] == "Id" and rows["Id"].is_unique
                for row in rows.to_dict("records"):
                    self.fields[row.pop("Id")].update({k: "" if v == "#N/A" else v for k, v in row.items() if v})
        return pd.DataFrame(success, columns=["ID", "STATUS"])

    @property
    def state(self):
        return sorted(self.associations.values()), self.fields


class HubSpot:
    """Companies by Record ID; an empty cell leaves a field as it is."""

    def __init__(self, fields):
        self.fields = {record: dict(values) for record, values in fields.items()}

    def load(self, files):
        for content in files.values():
            rows = read(content)
            assert rows.columns[0] == "Record ID" and rows["Record ID"].is_unique
            for row in rows.to_dict("records"):
                self.fields[row.pop("Record ID")].update({k: v for k, v in row.items() if v})


class Dynamics:
    """Accounts by GUID; a row is refused unless its checksum is that of now."""

    def __init__(self, fields):
        self.fields = {guid: dict(values) for guid, values in fields.items()}
        self.version = dict.fromkeys(fields, 1)

    def export(self):
        rows = [
            {"(Do Not Modify) Account": guid, "(Do Not Modify) Row Checksum": f"+{guid}/v{self.version[guid]}==",
             "(Do Not Modify) Modified On": f"2026-01-{self.version[guid]:02d} 08:00", **values}
            for guid, values in self.fields.items()
        ]  # fmt: skip
        return pd.DataFrame(rows, dtype="str")

    def load(self, content):
        now = self.export().set_index("(Do Not Modify) Account")
        for row in read(content).to_dict("records"):
            guid = row.pop("(Do Not Modify) Account")
            for hidden in ("(Do Not Modify) Row Checksum", "(Do Not Modify) Modified On"):
                assert row.pop(hidden) == now.loc[guid, hidden], "changed since the export"
            assert set(row) <= set(self.fields[guid])
            self.fields[guid].update(row)
            self.version[guid] += 1


def test_salesforce_files_bear_the_headings_of_the_object_reference():
    """Two accounts, one goes from T01 to T02: one association deleted by its Id, one made."""
    long = {k: salesforce_id_18(v) for k, v in SF.items()}
    there = Salesforce([(long["a"], TERRITORY["T01"], "Territory2Manual"), (long["b"], TERRITORY["T01"], "Territory2Manual")], {}).export()
    original = listed("ab", **{"Account ID": list(SF.values()), "OwnerId": [USER["R01"]] * 2, "Segment__c": ["C", ""]})
    made = crm_files("Salesforce", CrmRequest(TWO, original, people(), "outside", owners=USER, territory_ids=TERRITORY, associations=there))
    first, second = made.files[salesforce.DELETE].decode().splitlines()
    assert (first, second) == ("Id", there["Id"][0])
    assert made.files[salesforce.INSERT].decode().splitlines() == [
        "ObjectId,Territory2Id,AssociationCause",
        f"001C000000o4OOIIA2,{TERRITORY['T02']},Territory2Manual",
    ]
    assert read(made.files[salesforce.TIER_FILE]).to_dict("records") == [
        {"Id": "001C000000o4OOIIA2", "Segment__c": "A"},
        {"Id": "001C000000o4OoiIAE", "Segment__c": "B"},
    ]
    assert read(made.files[salesforce.OWNER_FILE]).to_numpy().tolist() == [["001C000000o4OOIIA2", USER["R02"]]]


def test_without_salesforce_ids_nothing_is_invented():
    made = crm_files("Salesforce", CrmRequest(TWO, listed("ab", city=["x", "y"]), people(), "outside"))
    assert not made.files and not made.way_back
    assert "no Salesforce ids" in made.sentences[0]


def test_salesforce_ids_are_found_beside_an_account_number_of_the_same_name():
    """The list is known by its own account_id; the column Account ID, by the same letters, holds Salesforce's."""
    original = listed("ab", **{"account_id": ["a", "b"], "Account ID": list(SF.values()), "Segment__c": ["", ""]})
    made = crm_files("Salesforce", CrmRequest(TWO, original, people(), "outside"))
    assert read(made.files[salesforce.TIER_FILE])["Id"].tolist() == ["001C000000o4OOIIA2", "001C000000o4OoiIAE"]


def test_what_salesforce_does_not_know_is_told_and_left_out():
    """No export of associations, no id of T02, no user of R02, no tier field in the list."""
    original = listed("ab", **{"Account ID": list(SF.values())})
    asked = CrmRequest(TWO, original, people(), "outside", owners={"R01": USER["R01"]}, territory_ids={"T01": TERRITORY["T01"]})
    made = crm_files("Salesforce", asked)
    told = " ".join(made.sentences)
    assert salesforce.DELETE not in made.files and salesforce.INSERT not in made.files and salesforce.OWNER_FILE not in made.files
    assert "1 account left out of the associations: no Territory2 Id is known of T02" in told
    assert "User Id of Bo Lind (R02) isn't known" in told
    assert "export ObjectTerritory2Association" in told and "no column Segment__c" in told
    assert not any("update-Account-tier" in name for name in made.way_back)


def test_an_association_made_by_a_rule_is_left_and_told():
    long = salesforce_id_18(SF["a"])
    there = Salesforce([(long, TERRITORY["T01"], "Territory2AssignmentRule")], {}).export()
    asked = CrmRequest(
        TWO, listed("ab", **{"Account ID": list(SF.values())}), people(), "outside", territory_ids=TERRITORY, associations=there
    )
    made = crm_files("Salesforce", asked)
    assert salesforce.DELETE not in made.files
    assert any("assignment rule" in sentence for sentence in made.sentences)


def test_accounts_that_are_no_more_are_left_as_the_crm_has_them():
    gone = TWO.assign(**{ChangesOfHands.change: [CLOSED, KEPT]})
    made = crm_files("HubSpot", CrmRequest(gone, listed("ab", **{"Record ID": ["1", "2"]}), people(), "outside"))
    assert read(made.files[hubspot.TIER_FILE])["Record ID"].tolist() == ["2"]


def test_owners_are_found_in_the_list_itself_where_it_tells_name_and_id():
    """R02 owns b by name and id in the list, so a can be handed to them without a table of users."""
    original = listed(
        "ab", **{"Account ID": list(SF.values()), "OwnerId": [USER["R01"], USER["R02"]], "Account Owner": ["Ada Voss", "Bo Lind"]}
    )
    made = crm_files("Salesforce", CrmRequest(TWO, original, people(), "outside"))
    assert ["001C000000o4OOIIA2", USER["R02"]] in read(made.files[salesforce.OWNER_FILE]).to_numpy().tolist()


def test_territories_and_users_are_found_in_exports_by_their_names():
    territories = pd.DataFrame({Territories.name: ["Great Lakes", "South"], Territories.color: "#000000"}, index=["T01", "T02"])
    export = pd.DataFrame({"Id": [TERRITORY["T01"][:15], TERRITORY["T02"], TERRITORY["T03"]], "Name": ["great lakes", "South", "South"]})
    assert salesforce_territories(export, territories) == {"T01": TERRITORY["T01"]}  # two are called South
    users = pd.DataFrame({"Id": [USER["R01"], USER["R02"]], "Email": ["R01@example.com", ""], "Name": ["A. Voss", "Bo Lind"]})
    assert salesforce_owners(users, people()) == {"R01": USER["R01"], "R02": USER["R02"]}


def test_the_success_file_of_the_insert_gives_the_file_that_deletes_it():
    success = pd.DataFrame({"ID": ["02b000000000002AAA", "02b000000000001AAA", ""], "STATUS": ["Item Created", "Item Created", "ERROR"]})
    assert salesforce_way_back_delete(success).decode() == "Id\n02b000000000001AAA\n02b000000000002AAA\n"
    with pytest.raises(FileError, match="no column ID"):
        salesforce_way_back_delete(pd.DataFrame({"STATUS": ["x"]}))


def test_hubspot_is_keyed_by_record_id_with_tier_tag_and_owner():
    original = listed("ab", **{"Record ID": ["0071", "72"], "Company owner": ["Ada Voss", "R01@example.com"]})
    made = crm_files("HubSpot", CrmRequest(TWO, original, people(), "outside"))
    assert made.files[hubspot.TIER_FILE] == b"Record ID,hs_ideal_customer_profile\n0071,tier_1\n72,tier_2\n"
    assert made.files[hubspot.OWNER_FILE] == b"Record ID,Company owner\n0071,r02@example.com\n"  # b's owner stays, by another name
    assert made.way_back["way-back/" + hubspot.OWNER_FILE] == b"Record ID,Company owner\n0071,Ada Voss\n"


def test_dynamics_keeps_the_three_hidden_columns_to_the_character():
    world = Dynamics(
        {
            "g-a": {"Territory": "T01", "Category": "Standard", "Owner": "Ada Voss"},
            "g-b": {"Territory": "T02", "Category": "", "Owner": "Bo Lind"},
        }
    )
    original = world.export().set_axis(["a", "b"])
    made = crm_files("Dynamics", CrmRequest(TWO, original, people(), "outside"))
    rows = read(made.files[dynamics.FILE])
    assert list(rows.columns) == [*dynamics.HIDDEN, "Territory", "Category", "Owner"]
    assert rows[list(dynamics.HIDDEN)].to_numpy().tolist() == original[list(dynamics.HIDDEN)].to_numpy().tolist()
    assert rows["Territory"].tolist() == ["T02", "T01"] and rows["Category"].tolist() == ["Preferred Customer", "Standard"]
    world.load(made.files[dynamics.FILE])
    with pytest.raises(AssertionError, match="changed since"):
        world.load(made.files[dynamics.FILE])


def test_a_list_that_is_no_export_of_the_crm_gives_a_sentence_and_no_file():
    for system in SYSTEMS:
        made = crm_files(system, CrmRequest(TWO, listed("ab", city=["x", "y"]), people(), "outside"))
        assert not made.files and not made.way_back and len(made.sentences) == 1
    with pytest.raises(FileError, match="choose one of Salesforce"):
        crm_files("Notes", CrmRequest(TWO, listed("ab"), people(), "outside"))


def test_names_that_are_formulas_do_not_run():
    """A rep whose e-mail is a formula, an account with one for a name, hidden columns with one."""
    bad = '=HYPERLINK("http://x","y")'
    team = people().assign(**{Reps.email: ["r01@example.com", bad, "r03@example.com"]})
    asked = CrmRequest(TWO.assign(**{ChangesOfHands.name: bad}), listed("ab", **{"Record ID": ["1", "2"]}), team, "outside")
    made = crm_files("HubSpot", asked)
    assert read(made.files[hubspot.OWNER_FILE])["Company owner"].tolist() == ["'" + bad]
    assert any("began like a formula" in sentence for sentence in made.sentences)
    with zipfile.ZipFile(io.BytesIO(crm_zip(made, asked))) as archive:
        assert archive.namelist()[0] == "read-me-first.txt"
        assert read(archive.read("changes-to-read.csv"))["name"].tolist() == ["'" + bad]
    hidden = dict(zip(dynamics.HIDDEN, (["g"] * 2, ["=1+1|x!A1", "@SUM(1)"], ["x"] * 2), strict=True))
    export = listed("ab", **hidden, Category=["", ""])
    rows = read(crm_files("Dynamics", CrmRequest(TWO, export, people(), "outside")).files[dynamics.FILE])
    assert rows[dynamics.HIDDEN[1]].tolist() == ["'=1+1|x!A1", "'@SUM(1)"]


TIER, PLACE, REP = st.sampled_from("ABC"), st.sampled_from([*TERRITORY, None]), st.sampled_from([*USER, None])
MOVES = st.lists(st.tuples(TIER, PLACE, PLACE, REP, REP), min_size=1, max_size=8)
TAGS = st.sampled_from(["", "A", "B", "gold"])
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def drawn_changes(moves):
    return changes(*((f"{i:02d}", *move) for i, move in enumerate(moves)))


@QUICK
@given(MOVES, st.data())
def test_salesforce_there_and_back_again_is_where_it_began(moves, data):
    records = [salesforce_id_18(f"001000000000{i:03d}") for i in range(len(moves))]
    fields = {r: {"Segment__c": data.draw(TAGS), "OwnerId": data.draw(st.sampled_from(list(USER.values())))} for r in records}
    cause = st.sampled_from(["Territory2Manual", "Territory2Manual", "Territory2AssignmentRule"])
    pairs = data.draw(st.sets(st.tuples(st.sampled_from(records), st.sampled_from(list(TERRITORY.values()))), max_size=10))
    world = Salesforce([(*pair, data.draw(cause)) for pair in sorted(pairs)], fields)
    began = repr(world.state)
    columns = {"Id": records} | {name: [fields[r][name] for r in records] for name in ("Segment__c", "OwnerId")}
    table = drawn_changes(moves)
    request = CrmRequest(
        table,
        listed(table[ChangesOfHands.account_id], **columns),
        people(),
        "outside",
        owners=USER,
        territory_ids=TERRITORY,
        associations=world.export(),
    )
    made = crm_files("Salesforce", request)
    success = world.load(made.files)
    now = {(thing, place) for thing, place, why in world.associations.values() if why == "Territory2Manual"}
    wanted = {(r, TERRITORY[move[2]]) for r, move in zip(records, moves, strict=True) if move[2]}
    assert now <= wanted and wanted <= {pair[:2] for pair in world.associations.values()}
    assert [world.fields[r]["Segment__c"] for r in records] == [move[0] for move in moves]
    world.load({"0-delete": salesforce_way_back_delete(success)})
    world.load(made.way_back)
    assert repr(world.state) == began


@QUICK
@given(MOVES, st.data())
def test_hubspot_there_and_back_again_is_where_it_began(moves, data):
    """What was empty before is cleared by hand, as the list of it asks."""
    records = [f"{1000 + i}" for i in range(len(moves))]
    tags, owners = st.sampled_from(["", "tier_1", "tier_3"]), st.sampled_from(["", *NAMES.values(), "Zed"])
    fields = {r: {hubspot.TIER: data.draw(tags), hubspot.OWNER: data.draw(owners)} for r in records}
    world, began = HubSpot(fields), repr(fields)
    columns = {"Record ID": records} | {name: [fields[r][name] for r in records] for name in (hubspot.TIER, hubspot.OWNER)}
    table = drawn_changes(moves)
    made = crm_files("HubSpot", CrmRequest(table, listed(table[ChangesOfHands.account_id], **columns), people(), "outside"))
    world.load(made.files)
    assert [world.fields[r][hubspot.TIER] for r in records] == [f"tier_{'ABC'.index(move[0]) + 1}" for move in moves]
    for name, heading in ((hubspot.CLEAR_TIER, hubspot.TIER), (hubspot.CLEAR_OWNER, hubspot.OWNER)):
        for record in read(made.way_back[name])["Record ID"] if name in made.way_back else ():
            world.fields[record][heading] = ""
    world.load({name: content for name, content in made.way_back.items() if "clear" not in name})
    assert repr(world.fields) == began


@QUICK
@given(MOVES, st.data())
def test_dynamics_there_and_back_again_is_where_it_began(moves, data):
    guids = [f"g-{i}" for i in range(len(moves))]
    places, owners = st.sampled_from(["", *TERRITORY]), st.sampled_from(["", *NAMES.values()])
    category = st.sampled_from(["", "Standard", "Preferred Customer"])
    fields = {g: {"Territory": data.draw(places), "Category": data.draw(category), "Owner": data.draw(owners)} for g in guids}
    world, began = Dynamics(fields), repr(fields)
    table = drawn_changes(moves)
    request = CrmRequest(
        table,
        world.export().set_axis(table[ChangesOfHands.account_id].to_numpy()),
        people(),
        "outside",
        owners=NAMES,
        territory_ids={t: t for t in TERRITORY},
    )
    made = crm_files("Dynamics", request)
    for content in made.files.values():
        world.load(content)
    assert all(world.fields[g]["Territory"] == move[2] for g, move in zip(guids, moves, strict=True) if move[2])
    for content in made.way_back.values():
        world.load(dynamics_way_back(content, world.export()))
    assert repr(world.fields) == began


@given(st.permutations(range(4)))
def test_the_order_of_rows_changes_no_byte(order):
    rows = [(f"0{i}", "A", "T01", "T02", "R01", "R02") for i in range(4)]
    original = listed([r[0] for r in rows], **{"Record ID": ["9", "7", "8", "6"]})
    ordered = crm_files("HubSpot", CrmRequest(changes(*rows), original, people(), "outside"))
    mixed = crm_files("HubSpot", CrmRequest(changes(*(rows[i] for i in order)), original.iloc[list(order)], people(), "outside"))
    assert ordered == mixed
