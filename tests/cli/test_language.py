"""``--lang ko``: what people read is Korean, what programs read stays as it is."""

import re

import pytest

from capacity.cli.main import entry
from capacity.cli.termination import Terminated
from capacity.registry import KINDS, METRICS
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
    sized = said(capsys, "size", small, *asked, *ALONE, "-r", "2", "--in-futures", "20%", "--lang", "ko")
    assert "미래의 20% 이상에서 모든 요구를 만족함이 95% 신뢰도로 확인된 가장 작은 값은" in sized


def test_programs_read_the_same_in_every_language(capsys, small):
    for form in ("json", "csv"):
        english, korean = (
            said(capsys, "simulate", small, *ALONE, "--format", form, "--lang", lang) for lang in ("en", "ko")
        )
        assert english == korean


def test_another_language_is_refused(capsys, small):
    assert entry(["simulate", small, "--lang", "fr"]) == 2
    assert "fr" in capsys.readouterr().err


LOG = "".join(
    f"{job} {2000 * job} 0 100 2 -1 -1 2 200 -1 1 1 1 -1 1 1 -1 -1\n" for job in range(1, 61)
)  # fmt: skip


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.swf"
    path.write_text(f"; MaxProcs: 4\n{LOG}", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("args", "out", "err"),
    [
        (["replay", "LOG"], ["log.swf, 기계 4슬롯, 정책 fcfs+easy", "95 백분위수", "1일"], ["배치 시스템"]),
        (["replay", "LOG", "--compare-recorded"], ["점수 = 1"], ["대기한 작업이 하나도 없어"]),
        (["workload", "describe", "LOG", "--compare", "LOG"], ["이 수요: ", "비교 대상: "], []),
        (["workload", "convert", "LOG", "-", "--to", "swf"], [], ["읽었습니다", "표준 출력: 작업 60건"]),
        (["workload", "generate", "--model", "lublin", "--days", "1"], [], ["표준 출력: lublin 모형의 작업"]),
        (["workload", "fit", "LOG"], [], ["작업 60건", "분포"]),
        (["show", "gwangju-h100", "--kind", "site"], ["의 모든 값, 해시", "정한 곳"], []),
        (["list"], ["종류", "설명"], []),
        (["list", "sites"], ["이름", "제목"], []),
        (["list", "metrics"], ["단위"], []),
        (["validate", "gwangju-h100", "--kind", "site"], ["명세", "정상"], []),
        (["verify", "--quick", "--only", "invariant/slots"], ["기대값", "통과"], ["[1/1]", "검사 1건 통과"]),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)  # fmt: skip
def test_other_commands_speak_korean_on_both_streams(capsys, log, args, out, err):
    assert entry([*(log if one == "LOG" else one for one in args), "--lang", "ko"]) == 0
    printed = capsys.readouterr()
    assert [text for text in out if text not in printed.out] == []
    assert [text for text in err if text not in printed.err] == []
    if args[0] == "replay":
        assert not re.search(r"\d %", printed.out)


ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")
"""Two words in a row."""
TAKEN_OVER = re.compile(
    r"^warning: (site|class|\S+ \(.*\) is to be ordered) .*$|ties instant|Fifty days of a small site"
    r"|\(\d+행: .*\)",
    re.MULTILINE,
)
"""What stays English by decision: warnings and errors about an input, names of rules, titles by people."""
BENT = """\
; MaxProcs: 4
; UnixStartTime: 1600000000
1 0 0 100 2 -1 -1 2 200 -1 1 1 1 -1 1 1 -1 -1
2 9 60 300 2 -1 -1 2 200 -1 1 1 1 -1 1 1 -1 -1
3 90 0 0 2 -1 -1 2 200 -1 0 2 1 -1 1 1 -1 -1
4 95 -1 50 -1 -1 -1 0 200 -1 1 1 1 -1 2 1 -1 -1
5 99 7 5.5 9 -1 -1 9 -1 -1 1 1 1 -1 2 1 -1 -1 8
6 98 7 5000 3 -1 -1 3 -9 -1 1 1 1 -1 2 1 -1 -1
nothing
"""


@pytest.mark.parametrize(
    "args",
    [
        ["workload", "describe", "BENT", "--lenient"],
        ["workload", "describe", "BENT", "--lenient", "--clean", "--compare", "LOG"],
        ["workload", "describe", "gwangju-research", "--start", "2021-07-01", "--until", "2021-07-09"],
        ["workload", "describe", "gwangju-plan", "--start", "2021-07-01", "--until", "2021-07-02"],
        ["workload", "convert", "BENT", "OUT.json", "--lenient"],
        ["workload", "convert", "BENT", "OUT.csv", "--lenient"],
        ["workload", "fit", "LOG", "-o", "OUT.yaml"],
        ["replay", "BENT", "--compare-recorded", "--lenient"],
        ["replay", "LOG", "--policy", "easy++", "--compare-recorded"],
        ["verify", "--quick", "--only", "invariant/slots", "--only", "closed-form/kiefer-wolfowitz-1"],
        ["validate", "gwangju-h100"],
        ["storage", "SMALL", "--until", "2021-02-28", "-j", "1"],
        ["simulate", "SMALL", "--until", "2021-02-28", "-j", "1", "-r", "2"],
        ["compare", "gwangju-a100", "gwangju-v100", "--until", "2020-07-02", "-r", "2", "-j", "1"],
        ["list"],
        *(["list", kind] for kind in (*KINDS, *METRICS)),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_english_is_left(capsys, log, small, tmp_path, args):
    bent = tmp_path / "bent.swf"
    bent.write_text(BENT, encoding="utf-8")
    places = {"LOG": log, "BENT": str(bent), "SMALL": small}
    target = str(tmp_path / "OUT")
    assert entry([*(places.get(one, one.replace("OUT", target)) for one in args), "--lang", "ko"]) == 0
    printed = capsys.readouterr()
    read = TAKEN_OVER.sub("", printed.out + printed.err)
    assert [line for line in read.splitlines() if ENGLISH.search(line)] == []


def test_progress_requirements_and_places_are_said_in_korean(capsys, monkeypatch, small, tmp_path):
    monkeypatch.setattr("capacity.cli.options.executing.EVERY_S", 0.0)
    asked = "-r", "2", "--require", "utilization[pool=gpu] <= 100 %", "--precision", "1 %"
    asked += "--in-futures", "20%"
    kept = "-o", str(tmp_path / "run")
    assert entry(["simulate", small, *ALONE, *asked, *kept, "--lang", "ko"]) == 0
    err = capsys.readouterr().err
    for text in ("모의실험 2회 중", "요구 사항 utilization", "결과 저장 위치", "반복 2회"):
        assert text in err
    assert entry(["report", str(tmp_path / "run"), "--no-verify", "--lang", "ko"]) == 0
    assert "함께 저장: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stop", "code", "word"), [(KeyboardInterrupt, 130, "중단됨"), (Terminated, 143, "종료 신호로 끝남")]
)
def test_what_is_broken_off_says_so_in_the_language_it_began_in(capsys, monkeypatch, small, stop, code, word):
    def broken_off(*_args, **_options):
        broken = stop()
        broken.add_note("2 finished runs are kept")
        raise broken

    monkeypatch.setattr("capacity.face.simulate.simulate", broken_off)
    assert entry(["simulate", small, "--lang", "ko"]) == code
    err = capsys.readouterr().err
    assert f"끝난 모의실험 2회를 보관함; 이어서 실행하려면: capacity simulate {small} --lang ko" in err
    assert err.endswith(f"\n{word}\n")
