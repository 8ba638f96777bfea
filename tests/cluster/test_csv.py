"""Opening many sites from a CSV file: encodings, bad lines named with their cure, doubles, and going on where it stopped."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cluster.subsites.csv_orders import BadCsv, read_rows
from cluster.subsites.models import Subsite

HEADING = "code,name,kind,region,parent,id_code"
GAMMA = "gamma,丙县人民政府,county,230183,,2301830001"
DELTA = "delta,丁市人民政府,city,230300,,"


@pytest.fixture
def csv_file(tmp_path: Path):
    """Return a function that writes lines into a file and gives its path."""

    def write(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / "sites.csv"
        path.write_bytes(end.join([*lines, ""]).encode(encoding))
        return path

    return write


def _open(path: Path) -> str:
    out = StringIO()
    call_command("open_sites", str(path), stdout=out, stderr=StringIO())
    return out.getvalue()


def _names() -> dict[str, str]:
    return dict(Subsite.objects.filter(code__in=("gamma", "delta", "epsilon")).values_list("code", "name"))


# ---- reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_as_spreadsheets_write_them(encoding: str, end: str, csv_file) -> None:
    rows = read_rows(csv_file(HEADING, GAMMA, "", ",,,,,", DELTA, encoding=encoding, end=end))
    assert [(row.line, row.fields["code"], row.fields["name"]) for row in rows] == [
        (2, "gamma", "丙县人民政府"),
        (5, "delta", "丁市人民政府"),
    ]


def test_columns_in_another_order_and_further_ones(csv_file) -> None:
    rows = read_rows(csv_file("备注, region ,kind,name,code,domain", "x,230183,county,丙县,gamma,gamma.localhost"))
    assert rows[0].fields["region"] == "230183"
    assert rows[0].fields["domain"] == "gamma.localhost"
    assert rows[0].fields["parent"] == ""


BAD_FILES = [
    ([], "第1行缺少列：code、name、kind、region"),
    (["code,name", "a,b"], "第1行缺少列：kind、region"),
    ([HEADING], "没有站点"),
    ([HEADING, "", ",,"], "没有站点"),
    ([HEADING, GAMMA, GAMMA + ",多,了"], "第3行的列数多于表头"),
    ([HEADING, GAMMA, "", "", DELTA + ",多,了"], "第5行的列数多于表头"),
    ([HEADING, GAMMA, DELTA, GAMMA], "第4行的站点代码“gamma”与第2行重复"),
    ([HEADING, 'gamma,"丙县人民政府,county,230183,,', DELTA], "第2行的引号没有成对"),
    ([HEADING, GAMMA + "\x00"], "空字符"),
    ([HEADING, 'gamma,"' + "a" * 140_000 + '",county,230183'], "第2行无法按 CSV 读取"),
]


@pytest.mark.parametrize(("lines", "sentence"), BAD_FILES)
def test_a_bad_file_is_refused_as_a_whole(lines: list[str], sentence: str, csv_file) -> None:
    with pytest.raises(BadCsv, match=sentence):
        read_rows(csv_file(*lines))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    for name, data in (
        ("a.csv", b"\xff\xfe\xff\xff\x80"),
        ("b.csv", HEADING.encode("utf-16")),
        ("c.xlsx", b"PK\x03\x04\x14\x00\x06\x00"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(BadCsv, match=r"编码无法识别|空字符|缺少列"):
            read_rows(path)
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadCsv, match="无法读取文件"):
            read_rows(path)


# ---- opening


def test_all_lines_are_opened_and_the_neighbours_stay(alpha: Subsite, csv_file) -> None:
    assert "新开通 2 个，此前已开通 0 个，未开通 0 个" in _open(csv_file(HEADING, GAMMA, DELTA, encoding="gbk"))
    assert _names() == {"gamma": "丙县人民政府", "delta": "丁市人民政府"}
    assert Subsite.objects.get(code="gamma").id_code == "2301830001"


def test_a_bad_line_is_named_and_the_rest_is_opened(alpha: Subsite, csv_file) -> None:
    """Then the line is put right, and the second run opens that one alone."""
    bad = GAMMA.replace("230183,", "999999,")
    said = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command(
            "open_sites", str(csv_file(HEADING, bad, DELTA, "epsilon,戊县,county,230183,nobody,")), stderr=said
        )
    for sentence in ("第2行（gamma）：行政区划代码“999999”不存在", "第4行（epsilon）：上级站点“nobody”不存在"):
        assert sentence in said.getvalue()
        assert sentence not in str(caught.value), "once is enough"
    assert "第2、4行未开通" in str(caught.value)
    assert _names() == {"delta": "丁市人民政府"}
    opened_at = Subsite.objects.get(code="delta").created_at
    assert "新开通 1 个，此前已开通 1 个" in _open(csv_file(HEADING, GAMMA, DELTA))
    assert Subsite.objects.get(code="delta").created_at == opened_at


def test_every_bad_line_is_named_before_the_first_site_is_opened(
    alpha: Subsite, csv_file, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sees it can stop; the good line, and the child of a good line, are not among the bad ones."""
    from cluster.subsites.management.commands import open_sites

    said = StringIO()

    def stop(row: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(open_sites, "open_row", stop)
    lines = [
        DELTA,
        "gamma,丙县,county,230321,delta,",
        "a_b,错,county,230183,,",
        "epsilon,戊县,county,999999,,",
        "zeta,己县,county,230183,epsilon,",
        "eta,庚县,county,230183,,,alpha.localhost",
    ]
    with pytest.raises(KeyboardInterrupt):
        call_command("open_sites", str(csv_file(HEADING + ",domain", *lines)), stderr=said)
    for line, sentence in (
        ("第4行（a_b）", "不合规"),
        ("第5行（epsilon）", "行政区划代码“999999”不存在"),
        ("第6行（zeta）", "上级站点“epsilon”不存在"),
        ("第7行（eta）", "域名“alpha.localhost”已属于站点“alpha”"),
    ):
        assert f"{line}：" in said.getvalue()
        assert sentence in said.getvalue()
    assert "第2行" not in said.getvalue()
    assert "第3行" not in said.getvalue()
    assert _names() == {}


def test_a_number_that_two_lines_claim_is_the_first_ones(alpha: Subsite, csv_file) -> None:
    with pytest.raises(CommandError, match=r"第3行（delta）：网站标识码“2301830001”已被其他站点使用"):
        _open(csv_file(HEADING, GAMMA, "delta,丁县,county,230183,,2301830001"))
    assert _names() == {"gamma": "丙县人民政府"}


def test_a_second_run_opens_nothing(alpha: Subsite, csv_file) -> None:
    path = csv_file(HEADING, GAMMA)
    _open(path)
    assert "新开通 0 个，此前已开通 1 个" in _open(path)


def test_parents_stand_before_children(alpha: Subsite, csv_file) -> None:
    _open(csv_file(HEADING, DELTA, "gamma,丙县,county,230321,delta,"))
    assert Subsite.objects.get(code="gamma").parent.code == "delta"


def test_a_taken_domain_in_a_line(alpha: Subsite, csv_file) -> None:
    said = StringIO()
    with pytest.raises(CommandError, match="第2行未开通"):
        call_command("open_sites", str(csv_file(HEADING + ",domain", GAMMA + ",alpha.localhost")), stderr=said)
    assert "第2行（gamma）：域名“alpha.localhost”已属于站点“alpha”" in said.getvalue()
    assert _names() == {}


def test_a_line_that_ends_too_early_lacks_columns(alpha: Subsite, csv_file) -> None:
    """What every site needs must be there; parent and number may be left out at the end of a line."""
    said = StringIO()
    lines = ["gamma,丙县人民政府", "epsilon,戊县,,230183,,", "delta,丁市人民政府,city,230300"]
    with pytest.raises(CommandError, match="第2、3行未开通"):
        call_command("open_sites", str(csv_file(HEADING, *lines)), stderr=said)
    assert "第2行（gamma）：缺少列：kind、region" in said.getvalue()
    assert "第3行（epsilon）：缺少列：kind，" in said.getvalue()
    assert "不存在" not in said.getvalue()
    assert _names() == {"delta": "丁市人民政府"}


def test_an_interrupted_run_is_resumed(alpha: Subsite, csv_file, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C after the first site: it stays, and the next run goes on with the second."""
    from cluster.subsites.management.commands import open_sites

    real, opened = open_sites.open_row, []

    def open_one_then_stop(row: object) -> object:
        if opened:
            raise KeyboardInterrupt
        opened.append(row)
        return real(row)  # type: ignore[arg-type]

    path = csv_file(HEADING, GAMMA, DELTA)
    monkeypatch.setattr(open_sites, "open_row", open_one_then_stop)
    with pytest.raises(KeyboardInterrupt):
        _open(path)
    assert list(_names()) == ["gamma"]
    monkeypatch.undo()
    assert "新开通 1 个，此前已开通 1 个" in _open(path)
