"""Tags, bulk uploads and bulk releases (SPEC 3.4, 3.5)."""

import pytest
from tests.unit.operations.numbers.office import ACT, Office, codes

from callwright.domains.numbers.inventory import Filter
from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.states import Status
from callwright.operations.numbers.converting import convert
from callwright.operations.numbers.marking import tag
from callwright.operations.numbers.pool import PoolSupplier, read_pool
from callwright.operations.numbers.releasing import release
from callwright.operations.numbers.upload_rows import BadUpload, UploadRow, read_rows
from callwright.operations.numbers.uploading import Uploaded, upload
from callwright.operations.numbers.view import NumbersRefused

DEFAULT = {"kind": "user", "source": "direct-routing"}


@pytest.fixture
def office() -> Office:
    return Office()


def bring(office: Office, text: str, *, good_ones: bool = False) -> Uploaded:
    return upload(office.desk, read_rows(text), ACT, default=DEFAULT, good_ones=good_ones)


def tagged(office: Office, wanted: str) -> list[str]:
    view = office.desk.view()
    return [s.number for s in view.inventory.walk(Filter(tag=wanted), view.now)]


@pytest.mark.row(37)
def test_the_51st_tag_of_a_number_is_refused_and_a_tag_finds_its_numbers(office: Office) -> None:
    number = "+14255550101"
    tag(office.desk, [number], ACT, add=[f"tag {n}" for n in range(49)])  # and one of its range
    with pytest.raises(NumbersRefused, match="at most 50 tags, this makes 51") as refused:
        tag(office.desk, [number], ACT, add=["one more"])
    assert codes(refused.value) == ["number-tag"]
    assert len(office.standing(number).tags) == 50
    assert tagged(office, "TAG 48") == [number]
    assert len(tagged(office, "redmond")) == 19


def test_tags_are_taken_off_again(office: Office) -> None:
    tag(office.desk, ["+14255550101", "14255550102"], ACT, add=["Front", "Lobby"])
    tag(office.desk, ["+14255550101"], ACT, remove=["FRONT"])
    assert tagged(office, "front") == ["+14255550102"]
    tag(office.desk, ["+14255550101"], ACT, remove=["lobby"])
    assert list(office.desk.view().records("number-tags")) == ["+14255550102"]
    with pytest.raises(NumbersRefused, match="change that entry"):
        tag(office.desk, ["+14255550101"], ACT, remove=["Redmond"])


@pytest.mark.row(38)
def test_10000_numbers_are_uploaded_at_once_and_10001_are_not(office: Office) -> None:
    with pytest.raises(NumbersRefused, match="more than 10,000 numbers; upload 10,000 at") as no:
        bring(office, "+12125550000..+12125559999\n+12135550000")
    assert codes(no.value) == ["upload-too-large"]
    assert not office.holds("+12125550000")
    listed = "\n".join(f"+1212555{n:04}" for n in range(10_000))
    done = bring(office, listed)
    assert (done.rows, done.added, done.present) == (10_000, 10_000, 0)
    assert office.holds("+12125550000")
    assert office.holds("+12125559999")


def test_consecutive_numbers_become_one_range(office: Office) -> None:
    bring(office, "+12125550101\n12125550100\n+12125550102\n+12125550110")
    keys = [entry.key for entry in office.desk.view().inventory.entries]
    assert "+12125550100..+12125550102" in keys
    assert "+12125550110" in keys
    assert office.file_is_whole()


def test_csv_says_more_of_each_number(office: Office) -> None:
    done = bring(
        office,
        "number,kind,city,tags,location\n"
        "12125550100,service,New York,Lobby;Front desk,hq\n"
        "12125550101,,,,\n",
    )
    assert done.added == 2
    entry = office.standing("+12125550100").entry
    assert (entry.kind, entry.city, entry.location) == (NumberKind.SERVICE, "New York", "hq")
    assert entry.tags == ("Lobby", "Front desk")
    assert office.standing("+12125550101").entry.kind is NumberKind.USER


MIXED = """number,kind
+12125550100,user
nonsense,user
+12125550101,flying
+12125550100,user
+14255550101,user
+14255550150,user
"""


def test_each_wrong_row_is_named_and_nothing_is_added(office: Office) -> None:
    with pytest.raises(NumbersRefused) as refused:
        bring(office, MIXED)
    assert [(p.path, p.code) for p in refused.value.problems] == [  # type: ignore[attr-defined]
        (("rows", 3), "number-malformed"),
        (("rows", 4), "number-settings"),
        (("rows", 5), "number-listed-twice"),
        (("rows", 7), "number-exists"),
    ]
    assert "no kind is called 'flying'; write one of user" in str(refused.value)
    assert not office.holds("+12125550100")


def test_the_good_rows_may_be_taken_alone(office: Office) -> None:
    done = bring(office, MIXED, good_ones=True)
    assert (done.rows, done.added, done.present, len(done.mistakes)) == (6, 1, 1, 4)
    assert office.holds("+12125550100")
    kept = office.settings("number-upload", done.id)
    assert kept["added"] == 1
    assert [m["row"] for m in kept["mistakes"]] == [3, 4, 5, 7]  # type: ignore[union-attr,index,call-overload]


def test_the_same_upload_again_adds_nothing(office: Office) -> None:
    bring(office, "+12125550100..+12125550109")
    again = bring(office, "+12125550100..+12125550109")
    assert (again.added, again.present) == (0, 10)


def test_progress_is_told_row_by_row(office: Office) -> None:
    told: list[tuple[int, int]] = []
    rows = read_rows("+12125550100\n+12125550101\n+12125550102")
    upload(
        office.desk,
        rows,
        ACT,
        default=DEFAULT,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("number,colour\n+1,red", "write some of number, kind, source"),
        ("number\n" + "x" * 5_000_000, "upload it in parts"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(text: str, remedy: str) -> None:
    with pytest.raises(BadUpload, match=remedy):
        read_rows(text)


def test_a_range_runs_forward() -> None:
    with pytest.raises(ValueError, match="write the lower number first"):
        UploadRow(1, "+12125550109..+12125550100").span()


@pytest.mark.row(39)
def test_1000_numbers_are_released_at_once_and_1001_are_not(office: Office) -> None:
    bring(office, "+12125550000..+12125551000")
    numbers = [f"+1212555{n:04}" for n in range(1_001)]
    with pytest.raises(NumbersRefused, match="release 1,000 at a time") as refused:
        release(office.desk, numbers, PoolSupplier(), ACT)
    assert codes(refused.value) == ["release-too-large"]
    assert office.holds("+12125550000")
    release(office.desk, numbers[:1_000], PoolSupplier(), ACT)
    assert not office.holds("+12125550999")
    assert office.holds("+12125551000")


def test_a_release_splits_a_range_that_keeps_what_was_said_of_it(office: Office) -> None:
    tag(office.desk, ["+14255550105"], ACT, add=["gone"])
    release(office.desk, ["+14255550105"], PoolSupplier(), ACT)
    assert not office.holds("+14255550105")
    for number in ("+14255550104", "+14255550106"):
        assert office.standing(number).tags == ("Redmond",)
    assert office.desk.view().records("number-tags") == {}
    assert office.file_is_whole()


def test_a_number_that_somebody_has_is_not_released(office: Office) -> None:
    office.assign("+14255550101", "ben")
    with pytest.raises(NumbersRefused, match="belongs to user ben") as refused:
        release(office.desk, ["+14255550101", "+14255550102"], PoolSupplier(), ACT)
    assert codes(refused.value) == ["number-held"]
    assert office.holds("+14255550102")


def test_a_plans_numbers_go_back_to_the_pool_and_own_ones_do_not(office: Office) -> None:
    release(office.desk, ["+12065550100", "+14255550101"], PoolSupplier(), ACT)
    pool = list(read_pool(office.desk.view()))
    assert [(e.key, e.source, e.country) for e in pool] == [
        ("+12065550100", NumberSource.CALLING_PLAN, "US")
    ]


def test_status_is_a_filter(office: Office) -> None:
    office.assign("+14255550101", "ben")
    view = office.desk.view()
    held = view.inventory.walk(Filter(status=Status.USER_ASSIGNED), view.now)
    assert [standing.number for standing in held] == ["+14255550101"]


def test_a_plans_number_becomes_one_for_services() -> None:
    office = Office({"licences": {"phone-system": 30}})
    convert(office.desk, ["+12065550105"], NumberKind.SERVICE, ACT)
    office.assign("+12065550105", "main-line")
    assert office.standing("+12065550104").entry.kind is NumberKind.USER
    assert office.standing("+12065550106").entry.kind is NumberKind.USER
    assert office.file_is_whole()
    again = convert(office.desk, ["+12065550105"], NumberKind.SERVICE, ACT)
    assert again.changes == ()


def test_only_free_numbers_of_a_plan_are_converted_within_the_quota(office: Office) -> None:
    office.assign("+12065550100", "ann")
    for number, code in (
        ("+12065550100", "number-held"),
        ("+14255550101", "number-not-convertible"),
    ):
        with pytest.raises(NumbersRefused) as refused:
            convert(office.desk, [number], NumberKind.SERVICE, ACT)
        assert codes(refused.value) == [code]
    with pytest.raises(NumbersRefused, match="cannot become toll-free"):
        convert(office.desk, ["+12065550101"], NumberKind.TOLL_FREE, ACT)
    with pytest.raises(NumbersRefused, match="beyond the quota: 5 may be had") as refused:
        convert(office.desk, ["+12065550101"], NumberKind.SERVICE, ACT)
    assert codes(refused.value) == ["number-quota"]
