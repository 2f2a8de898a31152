from html.parser import HTMLParser

from attnstats.report import HTML, render_table


class Reader(HTMLParser):
    """Rows of a table as a browser sees them, each cell with its tag, attributes and text; checks that tags close."""

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.texts = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1][2] += data
        self.texts.append(data)


def read(table):
    reader = Reader()
    reader.feed(render_table(table, HTML()))
    assert reader.open == []
    return reader


def test_every_sign_is_shown_as_it_is_written(rich_table):
    reader = read(rich_table)
    cells = [cell[2] for row in reader.rows for cell in row if cell[0] == "td"]
    assert rich_table.text.iloc[0, 0] in cells
    assert "Caption & $x_1$." in reader.texts
    assert rich_table.notes[0] in reader.texts
    assert {"−0.123**", "[−0.2, ∞]", "12,345", ".004†"} <= set(cells)


def test_rows_are_as_wide_as_the_table_and_headings_have_a_scope(rich_table):
    rows = read(rich_table).rows
    assert {sum(int(cell[1].get("colspan", 1)) for cell in row) for row in rows} == {5}
    scopes = [[cell[1].get("scope") for cell in row if cell[0] == "th"] for row in rows]
    assert scopes == [["colgroup"] * 4, ["col"] * 5, ["rowgroup"], [], [], ["rowgroup"], [], []]


def test_bold_type_is_strong_and_numbers_stand_at_the_right(rich_table):
    text = render_table(rich_table, HTML())
    assert text.count("<strong>") == 1
    assert "<strong>−0.123</strong>" in text
    ends = ["right" if "text-align:right" in cell[1]["style"] else "left" for cell in read(rich_table).rows[3]]
    assert ends == ["left", "right", "right", "right", "right"]


def test_the_same_table_gives_the_same_text(rich_table):
    assert render_table(rich_table, HTML()) == render_table(rich_table, HTML())
