"""Whatever a log holds, a reader gives a table in which every row is kept or counted, or names file and line."""

# ruff: noqa: E501, RUF005 - lines of logs are as long as they are

import copy
import gzip
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.errors import LogError
from workloads.formats import FORMATS, reader
from workloads.logs import recognised

LSF = (
    '"JOB_FINISH" "10.1" {end} {job} 7 33 16 1714982400 0 0 {start} "u" "q" "" "" "" "h" "/" "" "o" "" "f" 0 {hosts} '
    '{status} 60.0 "a b" "r" 1 0 1 0 -1 0 0 0 0 0 0 0 -1 0 0 0 0 0 -1 "" "p" 256 16\n'
)
SAMPLES = {
    "swf": (
        "; MaxProcs: 9\n",
        "1 0 5 60 4 -1 -1 4 90 -1 1 1 1 -1 1 1 -1 -1\n"
        "2 9 0 30 1 -1 -1 1 60 -1 0 2 1 -1 1 1 -1 -1\n"
        "3 11 2 7 2 -1 -1 2 8 -1 5 1 1 -1 1 1 -1 -1\n",
    ),
    "jobtable-csv": (
        "job_id,submit_s,run_s,slots,requested_s,wait_s,user,state\n",
        "1,0,60,4,90,5,lee,completed\n2,9,30,1,60,0,kim,failed\n3,11,7,2,,,lee,\n",
    ),
    "sacct": (
        "JobIDRaw|Submit|Start|End|State|User|Account|ReqTRES|AllocTRES|TimelimitRaw\n",
        "1|2021-03-01T00:00:00|2021-03-01T00:00:05|2021-03-01T00:01:05|COMPLETED|lee|ai|gres/gpu=4|gres/gpu=4|9\n"
        "2|2021-03-01T00:00:09|2021-03-01T00:00:09|2021-03-01T00:00:39|FAILED|kim|ai|gres/gpu=1|gres/gpu=1|9\n"
        "3|2021-03-01T00:00:11|2021-03-01T00:00:13|2021-03-01T00:00:20|TIMEOUT|lee|ai|gres/gpu=2|gres/gpu=2|9\n",
    ),
    "philly": (
        "timestamp,duration,num_gpus,gpu_time,cluster\n",
        "2017-10-05 00:01:40,30.0,2,60.0,aa\n2017-10-02 00:00:00,7.0,1,7.0,bb\n2017-10-03 00:00:00,9.0,8,9,bb\n",
    ),
    "helios": (
        "job_id,user,vc,gpu_num,state,submit_time,start_time,end_time\n",
        "1,uA,v1,8,COMPLETED,2020-05-02 08:00:00,2020-05-02 08:00:10,2020-05-02 09:00:10\n"
        "2,uB,v1,1,CANCELLED,2020-05-02 08:00:05,2020-05-02 08:00:05,2020-05-02 08:00:06\n"
        "3,uA,v2,2,FAILED,2020-05-02 08:00:06,2020-05-02 08:00:06,2020-05-02 08:00:07\n",
    ),
    "acme": (
        "job_id,user,gpu_num,type,state,submit_time,start_time,end_time\n",
        "d1,u1,8,SFT,COMPLETED,2023-03-02 00:00:00+08:00,2023-03-02 00:00:30+08:00,2023-03-02 00:10:30+08:00\n"
        "d2,u2,1,Debug,TIMEOUT,2023-03-02 00:00:01+08:00,2023-03-02 00:00:01+08:00,2023-03-02 01:00:01+08:00\n"
        "d3,u1,1,Debug,FAILED,2023-03-02 00:00:02+08:00,2023-03-02 00:00:02+08:00,2023-03-02 01:00:01+08:00\n",
    ),
    "alibaba-pai": (
        "",
        "j1,worker,4.0,Terminated,1000.0,1600.0,600.0,29.3,50.0,T4\n"
        "j2,worker,1.0,Failed,2000.0,2005.0,600.0,29.3,100.0,MISC\n"
        "j3,ps,1.0,Failed,2000.0,2005.0,600.0,29.3,25.0,MISC\n",
    ),
    "alibaba-pai-sample": (
        "job_id,num_inst,submit_time,num_cpu,num_gpu,gpu_type,duration,user,wait_time\n",
        "3,1,100,6.0,0.5,T4,60,u1,4.5\n1,2,90,6.0,2.0,V100,10,u2,0\n2,1,95,6.0,1,P100,10,u2,1\n",
    ),
    "alibaba-openb": (
        "name,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n",
        "a,1,460,,LS,Running,0,500,10\nb,8,1000,T4|P100,BE,Failed,10,400,20\nc,1,1000,,BE,Succeeded,12,300,12\n",
    ),
    "pbs": (
        "",
        "05/06/2024 09:01:00;E;1.s;user=u group=g queue=q ctime=1714982400 etime=1714982400 start=1714982460 exec_host=n/0*4 Resource_List.ncpus=4 end=1714986060 Exit_status=0\n"
        "05/06/2024 09:02:00;R;2.s;user=u group=g queue=q ctime=1714982400 etime=1714982400 start=1714982460 exec_host=n/0*4 Resource_List.ncpus=4 end=1714986120 Exit_status=-11\n"
        '05/06/2024 09:03:00;E;2.s;user=u account="a b" ctime=1714982400 etime=1714986120 start=1714986121 Resource_List.walltime=01:00:00 Resource_List.ncpus=4 end=1714986180 Exit_status=1\n',
    ),
    "grid-engine": (
        "# accounting\n",
        f"q:n1:g:u:fit:1:sge:0:1714982400:1714982460:1714986060:0:0:{'0:' * 18}NONE:d:mpi:16:0:1.0:1.0:0.0:-l h_rt=60:0.0:NONE:1.8e8:0:0\n"
        f"q:n1:g:u:fit:2:sge:0:1714982400:1714982460:1714986060:1:9:{'0:' * 18}p:d:mpi:1:3:1.0:1.0:0.0:NONE:0.0:NONE:1.8e8:0:0\n"
        f"q:n1:g:u:fit:3:sge:0:1714982400123:1714982460123:1714986060123:0:0:{'0:' * 18}p:d:mpi:1:0:1.0:1.0:0.0:NONE:0.0:NONE:1.8e8:0:0\n",
    ),
    "lsf": (
        "",
        LSF.format(job=1, end=1714986060, start=1714982460, hosts='1 "16*n1"', status=64)
        + LSF.format(job=2, end=1714986060, start=1714982460, hosts='2 "n1" "n1"', status=32)
        + LSF.format(job=3, end=1714986060, start=0, hosts="0", status=32),
    ),
}
"""A header and three good rows of every format of text with a row per line."""
DELIMITERS = {"swf": " ", "sacct": "|", "pbs": " ", "grid-engine": ":", "lsf": " "}
PHILLY_JSON = [
    {
        "status": "Pass",
        "vc": "v1",
        "jobid": f"application_1_{number}",
        "attempts": [
            {
                "start_time": "2017-10-07 01:12:00",
                "end_time": "2017-10-07 01:13:00",
                "detail": [{"ip": "m1", "gpus": ["gpu0", "gpu1"]}],
            },
        ],
        "submitted_time": "2017-10-07 01:11:30",
        "user": "u1",
    }
    for number in range(2)
]
BATSIM = {
    "nb_res": 4,
    "jobs": [{"id": 1, "subtime": 0, "res": 2, "profile": "p", "walltime": 9}],
    "profiles": {"p": {"type": "delay", "delay": 5}},
}
SACCT_JSON = {
    "jobs": [
        {
            "job_id": number,
            "user": "u",
            "array": {"job_id": 0, "task_id": {"set": False}},
            "state": {"current": ["COMPLETED"], "reason": "None"},
            "time": {
                "submission": 1714982400,
                "start": 1714982460,
                "end": 1714986060,
                "limit": {"set": True, "infinite": False, "number": 120},
            },
            "tres": {"allocated": [{"type": "cpu", "name": "", "count": 16}], "requested": []},
            "exit_code": {"return_code": {"set": True, "number": 0}},
        }
        for number in (1, 2)
    ]
}
KUBERNETES = {
    "kind": "List",
    "items": [
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": f"t{number}", "namespace": "a", "creationTimestamp": "2024-05-06T08:00:00Z"},
            "spec": {
                "parallelism": 2,
                "template": {"spec": {"containers": [{"resources": {"requests": {"cpu": "500m"}}}]}},
            },
            "status": {"startTime": "2024-05-06T08:05:00Z", "completionTime": "2024-05-06T10:05:00Z"},
        }
        for number in (1, 2)
    ],
}
FLUX = {
    "jobs": [
        {
            "id": number,
            "state": "INACTIVE",
            "result": "COMPLETED",
            "t_submit": 1714982400.5,
            "t_run": 1714982460.1,
            "t_cleanup": 1714986060.9,
            "ncores": 4,
            "duration": 60.0,
        }
        for number in (1, 2)
    ]
}
LISTS = [
    ("philly-json", PHILLY_JSON),
    ("batsim", BATSIM),
    ("sacct-json", SACCT_JSON),
    ("kubernetes", KUBERNETES),
    ("flux", FLUX),
]
WHOLE = {
    **{name: (head + rows).encode() for name, (head, rows) in SAMPLES.items()},
    **{name: json.dumps(document).encode() for name, document in LISTS},
}
NASTY = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "nan",
            "NaN",
            "inf",
            "-1",
            "-0.5",
            "0",
            "0.5",
            "1e400",
            "9" * 20,
            "2147483648",
            "1e15",
            "1e-400",
        ]
        + [
            "abc",
            "광주",
            "１２",
            "1_000",
            "0x1F",
            "+3",
            " 7 ",
            "\0",
            '"',
            '""',
            'a"b',
            "'",
            "\\",
            "None",
            "NULL",
        ]
        + ["1970-01-01 00:00:00", "2020-02-30 00:00:00", "2199-12-31T23:59:59Z", "2020-05-02 08:00:00+09:00"]
        + [
            "9999-12-31",
            "UNLIMITED",
            "1-00:00:00",
            "gres/gpu=9999999999",
            "Terminated",
            "x" * 5000,
            "\ufeff",
            "\x1a",
        ]
    ),
    st.integers().map(str),
    st.floats().map(str),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=5),
)
VALUES = st.sampled_from(
    [
        None,
        True,
        [],
        {},
        [[]],
        "",
        "x",
        "\ud800",
        "None",
        0,
        -1,
        0.5,
        1e308,
        2**70,
        "2017-13-01 00:00:00",
        "광주",
    ]
)
FINITE = settings(max_examples=25, deadline=None)


def outcome(name, raw, *, lenient):
    """A table, or None where the reader refused with a reason."""
    try:
        jobs = reader(name)(io.BytesIO(raw), lenient=lenient)
    except LogError as error:
        assert error.problems
        assert all(problem.path and problem.what for problem in error.problems), error
        return None
    jobs.validate()
    assert len(jobs)
    return jobs


def check_counts(jobs, rows):
    assert len(jobs) + sum(tally.count for tally in jobs.dropped) == rows


def bent(name, data):
    """The rows of a sample with one cell of one row replaced, in one of several encodings; and its line."""
    head, body = SAMPLES[name]
    rows = body.splitlines()
    mark = DELIMITERS.get(name, ",")
    place = data.draw(st.integers(0, len(rows) - 1))
    cells = rows[place].split(mark)
    cells[data.draw(st.integers(0, len(cells) - 1))] = data.draw(NASTY)
    swapped = data.draw(st.booleans())
    if swapped:
        cells = cells[::-1]
    row = mark.join(cells)
    if (
        not row.strip()
        or row.lstrip().startswith(("#", ";"))
        or any(end in row for end in "\x0b\x0c\x1c\x85")
    ):
        row = rows[place]
    encoding = data.draw(st.sampled_from(["utf-8", "cp949", "latin-1"]))
    raw = [line.encode() for line in rows]
    raw[place] = row.encode(encoding, "replace")
    end = data.draw(st.sampled_from([b"\n", b"\r\n"]))
    mark_of_order = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    line = place + 1 + head.count("\n")
    return mark_of_order + head.encode().replace(b"\n", end) + end.join([*raw, b""]), line, len(rows)


@pytest.mark.parametrize("name", SAMPLES)
@FINITE
@given(data=st.data())
def test_one_wild_cell_costs_its_row_or_names_its_line(name, data):
    raw, line, rows = bent(name, data)
    jobs = outcome(name, raw, lenient=True)
    if jobs is not None:
        check_counts(jobs, rows)
    try:
        check_counts(reader(name)(io.BytesIO(raw)), rows)
    except LogError as error:
        assert {problem.line for problem in error.problems} <= {line, None}, error


@pytest.mark.parametrize("name", WHOLE)
@FINITE
@given(data=st.data())
def test_damaged_bytes_crash_no_reader(name, data):
    raw = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    lenient = data.draw(st.booleans())
    outcome(name, bytes(raw), lenient=lenient)
    outcome(name, bytes(raw[: data.draw(st.integers(0, len(raw)))]), lenient=lenient)


def damaged(document, data):
    """A JSON document with one value somewhere within replaced."""
    document = copy.deepcopy(document)
    node = document
    while True:
        keys = sorted(node) if isinstance(node, dict) else range(len(node))
        key = data.draw(st.sampled_from([*keys]))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            node[key] = data.draw(VALUES)
            return document
        node = node[key]


@pytest.mark.parametrize(("name", "document"), LISTS)
@FINITE
@given(data=st.data())
def test_any_value_in_json_is_read_or_refused(name, document, data):
    raw = json.dumps(damaged(document, data)).encode()
    outcome(name, raw, lenient=False)
    jobs = outcome(name, raw, lenient=True)
    if jobs is not None:
        entries = document if isinstance(document, list) else document.get("jobs") or document["items"]
        check_counts(jobs, len(entries))


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"jobs":' * 50_000, b"[" + b"1" * 5000 + b"]", b"[]", b"null"]
)
def test_json_that_is_no_log_is_refused(raw):
    for name, _ in LISTS:
        assert outcome(name, raw, lenient=True) is None


@pytest.mark.parametrize("name", WHOLE)
def test_a_gzip_file_cut_anywhere_is_refused(name):
    raw = gzip.compress(WHOLE[name], mtime=0)
    assert outcome(name, raw, lenient=False) is not None
    for end in range(2, len(raw), 1 if name == "philly" else 17):
        with pytest.raises(LogError, match=r"the gzip file is (cut short|damaged)"):
            reader(name)(io.BytesIO(raw[:end]), lenient=True)


@pytest.mark.parametrize("name", WHOLE)
def test_every_sample_is_recognised_by_its_content(name):
    assert recognised(io.BytesIO(WHOLE[name])) == name
    assert recognised(io.BytesIO(gzip.compress(b"\xef\xbb\xbf" + WHOLE[name]))) == name


@FINITE
@given(
    st.one_of(
        st.binary(max_size=200), st.sampled_from([*WHOLE.values()]).map(lambda raw: raw[: len(raw) // 2])
    )
)
def test_any_bytes_are_recognised_or_not(raw):
    for start in (b"", b"\x1f\x8b", b"\xef\xbb\xbf", b"timestamp,duration,num_gpus,cluster\n"):
        try:
            assert recognised(io.BytesIO(start + raw)) in FORMATS
        except LogError as error:
            assert error.problems
