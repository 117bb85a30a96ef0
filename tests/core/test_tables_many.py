"""Several files of one schema are one table; different tables are refused by name."""

import zipfile

import pandas as pd
import pytest

from openglm.core.errors import SourceError
from openglm.core.tables import read_table, remarks


def codes(frame):
    return [item.code for item in remarks(frame)]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "p-2.csv").write_text("a,b\n1,x\n2,y\n")
    (tmp_path / "p-10.csv").write_text(" B ,A\nz,3\n")
    return tmp_path


def test_folder_pattern_list_and_zip(folder, tmp_path_factory):
    archive = tmp_path_factory.mktemp("z") / "all.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(folder.iterdir(), reverse=True):
            made.write(path, path.name)
    for source in (folder, f"{folder}/p-*.csv", [folder / "p-2.csv", str(folder / "p-10.csv")], archive):
        assert read_table(source).to_dict("list") == {"a": [1, 2, 3], "b": ["x", "y", "z"]}
    assert read_table(archive, sheet="p-10.csv")["A"].tolist() == [3]
    assert read_table(folder, name_files=True)["source_file"].tolist() == ["p-2.csv", "p-2.csv", "p-10.csv"]
    with pytest.raises(SourceError, match="No file matches"):
        read_table(f"{folder}/q*.csv")


def test_files_that_differ(folder):
    (folder / "p-11.csv").write_text("a,b,c\nseven,w,1\n")
    (folder / "p-12.csv").write_text("a,b\n")
    read = read_table(folder)
    assert read["a"].tolist() == ["1", "2", "3", "seven"]
    assert read["c"].isna().tolist() == [True, True, True, False]
    assert set(codes(read)) == {"source-types-differ", "source-column-missing", "source-empty-files"}
    (folder / "q.csv").write_text("x,y,z\n1,2,3\n")
    with pytest.raises(SourceError, match=r"p-2\.csv and q\.csv are different tables"):
        read_table(folder)


def test_partitions(tmp_path):
    for year, city in (("2023", "Bei%20jing"), ("2024", "__HIVE_DEFAULT_PARTITION__")):
        place = tmp_path / f"year={year}" / f"city={city}"
        place.mkdir(parents=True)
        pd.DataFrame({"n": [1, 2]}).to_parquet(place / "part-0.parquet")
        (place / "_SUCCESS").write_text("")
    read = read_table(tmp_path)
    assert read["year"].tolist() == [2023, 2023, 2024, 2024]
    assert read["city"].tolist()[:2] == ["Bei jing"] * 2
    assert read["city"].isna().tolist() == [False, False, True, True]
