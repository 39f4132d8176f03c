"""Tables of users as spreadsheets and directories write them."""

import pytest

from callwright.kernel.limits.commands import IMPORT_ROWS_MAX
from callwright.operations.importers.csv_users import (
    BadTable,
    RowMistake,
    read_table,
    with_passwords,
)

HEAD = "UserPrincipalName,Given Name,Surname,LineUri,Ext,Job title,AccountEnabled,Shoe size\n"


def test_columns_are_found_by_their_usual_names_and_numbers_made_plain() -> None:
    row = "Zoe@contoso.test,Zoë,Zander,tel:+1 (425) 555-0110,110,Boss,TRUE,38\n"
    table = read_table((HEAD + row).encode(), licences=["phone-system"])
    assert table.unknown == ("Shoe size",)
    assert [(each.line, each.key) for each in table.rows] == [(2, "zoe")]
    assert table.rows[0].settings == {
        "name": "Zoë Zander",
        "licences": ["phone-system"],
        "profile": {"title": "Boss"},
        "number": "+14255550110",
        "extension": "110",
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_semicolons_and_the_encodings_of_spreadsheets_are_read(encoding: str) -> None:
    text = 'login;name;licences\nzoe;"Zander; Zoë\nBoss";phone-system, premium\n'
    (row,) = read_table(text.encode(encoding)).rows
    assert row.settings["name"] == "Zander; Zoë\nBoss"
    assert row.settings["licences"] == ["phone-system", "premium"]


def test_each_bad_row_is_told_with_its_line_and_the_others_are_read() -> None:
    text = "user,name,enabled\nann,Ann,yes\n,Nobody,\nbob,Bob,maybe\nann,Anna,\ncid,Cid,no,x\n"
    table = read_table(text.encode())
    assert [row.key for row in table.rows] == ["ann"]
    assert table.mistakes == (
        RowMistake(3, "", "names no user; write one into its first column"),
        RowMistake(4, "bob", "enabled: 'maybe' is neither yes nor no"),
        RowMistake(5, "ann", "line 2 has the same user; keep one of them"),
        RowMistake(6, "", "has more cells than the first line; check its quotes"),
    )


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"", "line 1: no column names the user"),
        (b"user,number\n", "no column has the names of people"),
        (b"user,name,phone,did\n", "'phone' and 'did' both mean number"),
        (b"user,name\nzo\xeb,Zo\n", "line 2: is not UTF-8"),
        (b'user,name\nzoe,"Zo\n', "check the quotes"),
        (b"user,name\n" + b"a,A\n" * (IMPORT_ROWS_MAX + 1), "more than 50000 users"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(content: bytes, because: str) -> None:
    with pytest.raises(BadTable, match=because.replace("(", r"\(")):
        read_table(content)


def test_who_has_no_password_gets_one() -> None:
    table = read_table(b"user,name,password\nann,Ann,own-secret\nbob,Bob,\n")
    made = with_passwords(table.rows, lambda: "made-secret")
    assert [row.settings["sip"] for row in made] == [
        {"password": "own-secret"},
        {"password": "made-secret"},
    ]
