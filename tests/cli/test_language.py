"""``--lang ko``: what people read is Korean, what programs read stays as it is."""

import re

import pytest

from capacity.cli.main import entry
from tests.support.small_site import write_small

ALONE = "--until", "2021-02-28", "-j", "1"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return str(write_small(tmp_path_factory.mktemp("small")))


def said(capsys, *args):
    assert entry([*args]) == 0
    return capsys.readouterr().out


def test_simulate_speaks_korean(capsys, small):
    english = said(capsys, "simulate", small, *ALONE)
    korean = said(capsys, "simulate", small, *ALONE, "--lang", "ko")
    assert "gpu 풀" in korean
    assert "2021년 2월" in korean
    assert not re.search(r"\bwait(s|ed)?\b|\bjobs\b|\d %", korean)
    assert len(english.splitlines()) == len(korean.splitlines())
    for one, other in zip(english.splitlines(), korean.splitlines(), strict=True):
        if "KRW" not in one:  # amounts of won are counted in other steps
            in_one, in_other = (sorted(re.findall(r"[\d,]*\d\.\d+", line)) for line in (one, other))
            assert in_one == in_other, other


def test_storage_compare_and_size_speak_korean(capsys, small):
    held = said(capsys, "storage", small, *ALONE, "--lang", "ko")
    assert "계층별 월말 보관량" in held
    assert "모든 계층: 기간 말에 가용" in held
    assert "사용 한도 85%에 도달하지 않습니다" in held
    assert not re.search(r"\b(before|because|nothing|usable|would)\b|\d %", held)
    grows = said(capsys, "storage", small, "--growth", "9 %/year", "--start-used", "1 TB", "--lang", "ko")
    assert "가동 중인 용량은" in grows
    sites = "--site", "gwangju-a100", "--site", "gwangju-v100"
    short = "--until", "2020-07-02", "-r", "1", "-j", "1"
    both = said(capsys, "compare", "gwangju-plan", *sites, *short, "--lang", "ko")
    assert "센터와 장비" in both
    assert "반복이 1회씩이므로 판정하지 않습니다" in both
    asked = "--vary", "site.pools.gpu.nodes=7,8", "--require", "utilization[pool=gpu] <= 100 %"
    sized = said(capsys, "size", small, *asked, *ALONE, "-r", "2", "--lang", "ko")
    assert "신뢰도로 만족함이 확인된 가장 작은 값은" in sized


def test_programs_read_the_same_in_every_language(capsys, small):
    for form in ("json", "csv"):
        english, korean = (
            said(capsys, "simulate", small, *ALONE, "--format", form, "--lang", lang) for lang in ("en", "ko")
        )
        assert english == korean


def test_another_language_is_refused(capsys, small):
    assert entry(["simulate", small, "--lang", "fr"]) == 2
    assert "fr" in capsys.readouterr().err
